import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { untilCondition } from '../testbed/expectations.ts';
import { isOurs } from '../testbed/ourProcesses.ts';
import { readTestbedFile, writeTestbedFile, type Testbed } from '../testbed/testbedFile.ts';
import { openWorld } from '../testbed/world.ts';

const command = resolve(import.meta.dirname, '../testbed/command.ts');
const directory = mkdtempSync(join(tmpdir(), 'vaultsecret-command-'));
afterAll(async () => {
  await testbed('down', '--dir', directory);
  rmSync(directory, { recursive: true });
});

interface Outcome {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

function start(...args: readonly string[]) {
  return spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

const testbed = async (...args: readonly string[]): Promise<Outcome> => outcomeOf(start(...args));

async function outcomeOf(child: ReturnType<typeof start>): Promise<Outcome> {
  const [[status], output, errors] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { status: Number(status), output, errors };
}

/** As on a machine without Go, Docker and anything that was built before. */
async function demoOnBareMachine(): Promise<Outcome & { readonly left: readonly string[] }> {
  const bare = mkdtempSync(join(tmpdir(), 'vaultsecret-bare-'));
  const env = { PATH: bare, TMPDIR: bare, XDG_CACHE_HOME: join(bare, 'cache') };
  const demo = resolve(import.meta.dirname, '../demo/demo.ts');
  const outcome = await outcomeOf(
    spawn(process.execPath, [demo], { env, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  const left = readdirSync(bare);
  rmSync(bare, { recursive: true });
  return { ...outcome, left };
}

function written(): Testbed {
  const found = readTestbedFile(directory);
  if (found === undefined) throw new Error('testbed.json is missing');
  return found;
}

/** Something of the test bed lives on, and the API server does not. */
async function expectApiServerMissed(earlier: Testbed): Promise<void> {
  const idle = ['--eval', 'setInterval(() => {}, 1_000_000)', join(directory, 'idle')];
  const survivor = spawn(process.execPath, idle, { stdio: 'ignore' });
  await once(survivor, 'spawn');
  await writeTestbedFile(directory, { ...earlier, pids: [Number(survivor.pid)] });
  const { status, errors } = await testbed('run', '--dir', directory);
  const ended = once(survivor, 'close');
  survivor.kill('SIGKILL');
  await ended;
  await testbed('down', '--dir', directory);
  expect(status).toBe(1);
  expect(errors).toMatch(
    /^testbed: the API server of the test bed gives no token [^\n]*ECONNREFUSED[^\n]*\n$/,
  );
}

const living = ({ pids }: Testbed): number[] => pids.filter((pid) => isOurs(pid, directory));

describe('npm run testbed', () => {
  test('up leaves a test bed running beside others, run runs the controller, down ends all', async () => {
    const up = await testbed('up', '--dir', directory);
    expect(up).toMatchObject({ status: 0, output: expect.stringContaining('The test bed is up') });
    const first = written();
    expect(living(first)).toHaveLength(first.pids.length);

    const again = await testbed('up', '--dir', directory);
    expect(again).toMatchObject({ status: 1, errors: expect.stringMatching(/ is up already; /) });
    expect(written()).toEqual(first);

    const controller = start('run', '--dir', directory, '--', '--listen=127.0.0.1:0');
    const world = openWorld(first);
    const team = await world.stage.createTeam();
    await world.azure.putSecret(team.vault, 'password', { value: 'sesame' });
    const data = [{ dataKey: 'PASSWORD', secret: { name: 'password' } }];
    const { metadata } = await world.stage.createVaultSecret(team, 'shop', { data });
    await untilCondition(world.kube, metadata, { status: 'True' }, 30_000);
    const ended = once(controller, 'close');
    controller.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await world.close();

    const down = await testbed('down', '--dir', directory);
    expect(down).toMatchObject({ status: 0, output: expect.stringContaining('is down') });
    expect(living(first)).toEqual([]);

    await expectApiServerMissed(first);

    const downAgain = await testbed('down', '--dir', directory);
    expect(downAgain).toMatchObject({ status: 0, output: expect.stringContaining('No test bed') });
  });

  test.each<[args: readonly string[], status: number, line: string]>([
    [[], 2, 'no command'],
    [['sideways'], 2, 'there is no command sideways'],
    [['up'], 2, '--dir DIR is missing'],
    [['up', '--dir', 'x', '--vault-latency-ms', '1s'], 2, '--vault-latency-ms must be'],
    [['down', '--dir', 'x', '--force'], 2, "Unknown option '--force'"],
    [['run', '--dir', join(tmpdir(), 'no-test-bed')], 1, 'no test bed is up in'],
    [['up', '--dir', directory, '--kubeconfig', 'nowhere'], 1, 'the cluster of'],
  ])('%j is answered with one line', async (args, status, line) => {
    const outcome = await testbed(...args);

    expect(outcome).toMatchObject({ status, output: '', errors: expect.stringContaining(line) });
    expect(outcome.errors.trimEnd().split('\n')).toHaveLength(1);
  });
});

test('the demo says in one line what it lacks, and leaves no folder', async () => {
  const { status, errors, left } = await demoOnBareMachine();

  expect(status).toBe(1);
  expect(errors).toMatch(
    /^demo: no Kubernetes control plane can be started here: install Go 1.26 [^\n]*\n$/,
  );
  expect(left.filter((name) => name !== 'cache')).toEqual([]);
});
