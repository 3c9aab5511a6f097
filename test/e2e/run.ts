// `npm run e2e`: the whole product on a real node of this machine. Arguments go to vitest.
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BinaryError } from '../testbed/binaries/binaryError.ts';
import { startOrphanGuard } from '../testbed/orphanGuard.ts';
import { prepareBinaries } from './binaries.ts';
import { buildImages } from './images.ts';
import { createControlGroup, removeControlGroups } from './node/controlGroups.ts';
import { startIsolated } from './node/isolation.ts';
import { siteVariable, type Site } from './site.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const startedAt = Date.now();
const log = (line: string): void =>
  console.error(`e2e: ${line} (${Math.round((Date.now() - startedAt) / 1000)} s)`);

try {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new BinaryError('a node of Kubernetes needs Linux and root: run it by sudo, or in a VM');
  }
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BinaryError)) throw error;
  console.error(`e2e: ${error.message}`);
  process.exitCode = 1;
}

async function run(vitestArguments: readonly string[]): Promise<number> {
  const binaries = await prepareBinaries(log);
  const directory = await mkdtemp(join(tmpdir(), 'vaultsecret-e2e-'));
  await removeControlGroups();
  const cgroup = createControlGroup();
  let status = 1;
  try {
    log('building the images');
    const images = await buildImages(join(directory, 'images'), binaries.busybox);
    log(`the controller's image has ${(images.compressedBytes / 1e6).toFixed(1)} MB compressed`);
    await mkdir(directory, { recursive: true });
    status = await runInside({ directory, cgroup, binaries, images: [...images.archives] }, [
      process.execPath,
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      join(ROOT, 'vitest.e2e.config.ts'),
      ...vitestArguments,
    ]);
  } finally {
    await removeControlGroups();
    if (status === 0) await rm(directory, { recursive: true, force: true });
    else log(`log files are in ${directory}`);
  }
  return status;
}

async function runInside(site: Site, command: readonly string[]): Promise<number> {
  const siteFile = join(site.directory, 'site.json');
  await writeFile(siteFile, JSON.stringify(site));
  const guard = startOrphanGuard();
  const inside = startIsolated(site, command, { ...process.env, [siteVariable]: siteFile });
  if (inside.pid !== undefined) guard.watch(inside.pid);
  // Ctrl-C reaches the tests as well, which end in order; this process outlives them to clean up.
  process.on('SIGINT', () => {});
  process.once('SIGTERM', () => inside.kill('SIGKILL'));
  const [code] = await once(inside, 'exit');
  await guard.release();
  return typeof code === 'number' ? code : 1;
}
