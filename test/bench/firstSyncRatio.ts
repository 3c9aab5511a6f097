import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { World } from '../testbed/world.ts';
import { bareLoopPlan } from './bareLoopInput.ts';
import type { Bench } from './benchRun.ts';
import { atLeast, type Measurement } from './figure.ts';
import { recordFirstSync } from './firstSyncSample.ts';
import { createFleet } from './fleet.ts';
import { untilSynced } from './settling.ts';
import { medianOf } from './statistics.ts';
import { writesSince } from './writesApart.ts';

const pairs = 3;
const vaults = 10;
/** https://learn.microsoft.com/en-us/azure/key-vault/general/service-limits: 4,000 in 10 s. */
const readsPerSecondAndVault = 400;

export const firstSyncRatio: Measurement<'first-sync-ratio'> = {
  figures: { 'first-sync-ratio': { unit: 'ratio', promise: atLeast(0.8) } },
  isScaled: true,
  async measure(bench) {
    const ratios: number[] = [];
    for (let pair = 1; pair <= pairs; pair += 1) {
      // Whoever goes second may find the machine warmer, or busier.
      const isBareFirst = pair % 2 === 0;
      const before = isBareFirst ? await bareSeconds(bench) : undefined;
      const controller = await controllerSeconds(bench);
      const bare = before ?? (await bareSeconds(bench));
      const allowed = bench.objects / (vaults * readsPerSecondAndVault);
      ratios.push(Math.max(bare, allowed) / controller);
      bench.log(
        `pair ${pair}: controller ${controller.toFixed(1)} s, bare loop ${bare.toFixed(1)} s`,
      );
    }
    return { 'first-sync-ratio': medianOf(ratios) };
  },
};

/** From the start of the process. */
function controllerSeconds(bench: Bench): Promise<number> {
  return bench.inWorld(async (world) => {
    await createFleet(world, { objects: bench.objects, vaults });
    const controller = await bench.startController(world);
    await untilSynced(controller, bench.objects);
    return secondsUntilLastStatus(world, controller.startedAt, bench.objects);
  });
}

/** From the word to go: its process, its tokens and its bodies are there already. */
function bareSeconds(bench: Bench): Promise<number> {
  return bench.inWorld(async (world) => {
    const sample = await recordFirstSync(bench, world);
    const members = await createFleet(world, { objects: bench.objects, vaults });
    const directory = dirname(world.testbed.controllerKubeconfig);
    const planFile = join(directory, 'bare-loop.json');
    const plan = await bareLoopPlan(world, sample, members);
    await writeFile(planFile, JSON.stringify(plan), { mode: 0o600 });
    const startedAt = await runBareLoop(planFile);
    return secondsUntilLastStatus(world, startedAt, bench.objects);
  });
}

/** Answers when it was told to go. */
async function runBareLoop(planFile: string): Promise<number> {
  const program = join(import.meta.dirname, 'bareLoop.ts');
  const child = spawn(process.execPath, [program, planFile], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const isReady = await Promise.race([once(child, 'message').then(() => true), ended]);
  const startedAt = Date.now();
  if (isReady === true) child.send('go');
  const [status] = await ended;
  if (status !== 0) throw new Error(`the bare loop ended with status ${status}`);
  return startedAt;
}

/**
 * By the API server's own stamps, which are the same for both.
 * @throws Error when not every Secret and status was written once
 */
async function secondsUntilLastStatus(
  world: World,
  startedAt: number,
  objects: number,
): Promise<number> {
  const writes = writesSince(await world.writes(), startedAt);
  const statuses = writes.filter(({ resource }) => resource === 'vaultsecrets/status');
  const secrets = writes.filter(({ resource }) => resource === 'secrets');
  const isComplete = [secrets, statuses].every(
    (asked) => asked.length === objects && asked.every(({ status }) => status < 300),
  );
  if (!isComplete) {
    throw new Error(
      `${objects} VaultSecrets took ${secrets.length} writes of Secrets and ${statuses.length} of statuses`,
    );
  }
  const last = Math.max(...statuses.map(({ at }) => Date.parse(at)));
  return (last - startedAt) / 1000;
}
