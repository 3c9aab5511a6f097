// The main job on a machine of your own: a real API server, an Azure stand-in, the controller as the
// chart runs it. `--keep` leaves it all up.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { failureText } from '../testbed/failureText.ts';
import { startOrphanGuard } from '../testbed/orphanGuard.ts';
import { startTestbed, type RunningTestbed } from '../testbed/startTestbed.ts';
import { writeTestbedFile } from '../testbed/testbedFile.ts';
import { openWorld, type World } from '../testbed/world.ts';
import { deletion, drift, revoked, rotation, sync, type Row, type Scene } from './story.ts';

/** Of a vault and an Entra ID that are not in the same room. */
const latency = { vaultLatencyMs: 20, entraLatencyMs: 30 };

const startedAt = Date.now();

function say(line: string): void {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1).padStart(5);
  process.stdout.write(`${seconds} s  ${line}\n`);
}

async function main(keep: boolean): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'vaultsecret-demo-'));
  // Also after Ctrl-C.
  const guard = startOrphanGuard();
  guard.watchFolder(directory);
  let isKept = false;
  try {
    isKept = await play(directory, keep);
  } finally {
    if (!isKept) await rm(directory, { recursive: true, force: true });
    await guard.release();
  }
  // The world holds connections open; nothing is left to be done with them.
  if (isKept) process.exit();
}

/** Whether all of it was left running. */
async function play(directory: string, keep: boolean): Promise<boolean> {
  say('starting a control plane and the Azure stand-in');
  const running = await startTestbed({ directory, log: say, ...latency });
  say(`up, with ${running.testbed.controlPlane}`);
  const world = openWorld(running.testbed);
  try {
    const rows = await tell(world);
    process.stdout.write(`\n${tableOf(rows)}\n\n`);
    if (keep) await leave(running, directory);
    return keep;
  } finally {
    if (!keep) {
      await world.close();
      await running.stop();
    }
  }
}

async function leave(running: RunningTestbed, directory: string): Promise<void> {
  await writeTestbedFile(directory, running.testbed);
  await running.release();
  leaveControllerRunning(directory);
  process.stdout.write(`It is still up, the controller too:

  export KUBECONFIG=${running.testbed.kubeconfig}
  kubectl get vaultsecrets --all-namespaces
  npm run testbed -- down --dir ${directory}
`);
}

async function tell(world: World): Promise<Row[]> {
  const controller = await world.startController({ leaderElect: true });
  await controller.untilReady();
  say('the controller is ready');
  const team = await world.stage.createTeam();
  const scene: Scene = { world, team, say };
  const rows: Row[] = [];
  for (const chapter of [sync, rotation, drift, revoked, deletion]) rows.push(await chapter(scene));
  await controller.end('SIGTERM');
  return rows;
}

function tableOf(rows: readonly Row[]): string {
  const cells = [
    ['what', 'took', 'seen'],
    ...rows.map(({ what, tookMs, seen }) => [
      what,
      tookMs === undefined ? '' : `${tookMs} ms`,
      seen,
    ]),
  ];
  const widths = [0, 1].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function leaveControllerRunning(directory: string): void {
  const log = openSync(join(directory, 'controller.log'), 'a');
  const command = resolve(import.meta.dirname, '../testbed/command.ts');
  spawn(process.execPath, [command, 'run', '--dir', directory], {
    detached: true,
    stdio: ['ignore', log, log],
  }).unref();
}

try {
  const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
  await main(values.keep);
} catch (error) {
  process.stderr.write(`demo: ${failureText(error)}\n`);
  process.exit(1);
}
