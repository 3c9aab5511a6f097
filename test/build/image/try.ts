// Starts a controller from an image archive, without a container runtime. `npm run image:try -- --help`.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createFleet } from '../../bench/fleet.ts';
import { controllerCommand, imageArguments } from '../../testbed/controllerCommand.ts';
import { findFreePorts } from '../../testbed/freePorts.ts';
import { untilObject } from '../../testbed/kubeConditions.ts';
import { secrets } from '../../testbed/kubeResources.ts';
import type { Testbed } from '../../testbed/testbedFile.ts';
import { startWorld, type World } from '../../testbed/world.ts';
import { bringFile, commandIn, unpackedImage, type UnpackedImage } from './unpackedImage.ts';

const usage = `npm run image:try -- [--archive FILE]

Unpacks the image of an archive, by default dist/image.tar, and starts its controller in it as its user, against a test
bed, until it is ready and has written a Secret; the image of another architecture by QEMU. Tells whether the compile
cache is used, under QEMU by several processors. Linux, root, and for another architecture qemu-user-static.
`;

const { values } = parseArgs({
  options: {
    archive: { type: 'string', default: resolve(import.meta.dirname, '../../../dist/image.tar') },
    help: { type: 'boolean', default: false },
  },
});

/** Of QEMU: the oldest of arm64, two that clouds have, and all that QEMU knows. */
const processors = ['cortex-a53', 'cortex-a72', 'neoverse-n1', 'max'];
/** Under QEMU everything takes ten times as long. */
const patienceMs = 120_000;

if (values.help) process.stdout.write(usage);
else await tryImage();

async function tryImage(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'vaultsecret-try-'));
  const world = await startWorld({ log: console.error });
  try {
    const image = unpackedImage(readFileSync(values.archive), root);
    const emulated = image.start.emulator === undefined ? [undefined] : processors;
    for (const processor of emulated) tryCompileCache(image, processor);
    await tryController(image, world);
  } finally {
    await world.close();
    rmSync(root, { recursive: true });
  }
}

function tryCompileCache(image: UnpackedImage, processor: string | undefined): void {
  const [command = '', ...args] = commandIn(image, ['--version'], processor);
  const env = { ...image.env, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
  const { stdout, stderr } = spawnSync(command, args, { env, encoding: 'utf8' });
  if (!/vaultsecret[.]mjs was accepted/.test(stdout + stderr))
    throw new Error(`the compile cache is not used:\n${stdout}${stderr}`);
  const on = [image.architecture, processor].filter((each) => each !== undefined);
  console.log(`${on.join(' ')}: the compile cache is used`);
}

async function tryController(image: UnpackedImage, world: World): Promise<void> {
  const [member] = await createFleet(world, { objects: 1, vaults: 1, identities: 1 });
  if (member === undefined) throw new Error('there is no VaultSecret');
  const [port = 0] = await findFreePorts(1);
  const [command = '', ...args] = commandIn(image, runArguments(world.testbed, port, image));
  const startedAt = performance.now();
  const passed = (): string => `${Math.round(performance.now() - startedAt)} ms after its start`;
  const child = spawn(command, args, { env: image.env, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await untilReady(`http://127.0.0.1:${port}/readyz`);
    console.log(`${image.architecture}: /readyz answers 200 ${passed()}`);
    await untilObject(world.kube, secrets, member, {
      what: 'the Secret',
      holds: (secret) => secret !== undefined,
      timeoutMs: patienceMs,
    });
    console.log(`${image.architecture}: the Secret is written ${passed()}`);
  } finally {
    child.kill('SIGKILL');
  }
}

/** Those of the chart, with the files that they name brought along. */
function runArguments(testbed: Testbed, port: number, image: UnpackedImage): string[] {
  const kubeconfig = readFileSync(testbed.controllerKubeconfig, 'utf8');
  const named = [...kubeconfig.matchAll(/: (\/\S+)$/gm)].map(([, file = '']) => file);
  const files = new Set([testbed.controllerKubeconfig, testbed.azure.caFile, ...named]);
  for (const file of files) bringFile(image, file);
  const { args } = controllerCommand(testbed, { port, leaderElect: false });
  return args.slice(imageArguments().length);
}

async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(10);
  }
  throw new Error('the controller does not become ready');
}
