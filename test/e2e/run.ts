// `npm run e2e`: the whole product on a real cluster.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestbedError } from '../testbed/testbedError.ts';
import { prepareTools } from './binaries.ts';
import { buildImages } from './images.ts';
import { placeOf, readArguments, usage, UsageError, type Arguments } from './arguments.ts';

const startedAt = Date.now();
const log = (line: string): void =>
  console.error(`e2e: ${line} (${Math.round((Date.now() - startedAt) / 1000)} s)`);

try {
  const given = readArguments(process.argv.slice(2));
  if (given.help) process.stdout.write(usage);
  else process.exitCode = await run(given);
} catch (error) {
  if (!(error instanceof TestbedError)) throw error;
  console.error(`e2e: ${error.message}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function run(given: Arguments): Promise<number> {
  const place = placeOf(given);
  await place.check?.();
  const tools = await prepareTools(log);
  const directory = await mkdtemp(join(tmpdir(), 'vaultsecret-e2e-'));
  let status = 1;
  try {
    log('building the images');
    const images = await buildImages(join(directory, 'images'), tools.busybox);
    log(`the controller's image has ${(images.compressedBytes / 1e6).toFixed(1)} MB compressed`);
    const { vitestArguments } = given;
    status = await place.run({ directory, tools, images: images.archives, vitestArguments, log });
  } finally {
    if (status === 0) await rm(directory, { recursive: true, force: true });
    else log(`log files are in ${directory}`);
  }
  return status;
}
