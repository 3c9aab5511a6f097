import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { localBaseLayer, localImage } from '../build/image/localImage.ts';
import { currentVersion, previousVersion } from './releases.ts';
import { busyboxImage } from './workloadImage.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Without tag. */
export const controllerRepository = 'docker.io/vaultsecret-e2e/vaultsecret';

export interface BuiltImages {
  readonly archives: readonly string[];
  /** Of the controller. */
  readonly compressedBytes: number;
}

/** The controller's image in both versions, and what sandboxes and workloads run. */
export async function buildImages(directory: string, busybox: string): Promise<BuiltImages> {
  await mkdir(directory, { recursive: true });
  const base = localBaseLayer();
  const sizes = [];
  const archives = [];
  for (const version of [previousVersion, currentVersion]) {
    const bundle = join(directory, version);
    node('test/build/bundle.ts', `--version=${version}`, `--outdir=${bundle}`);
    const name = `${controllerRepository}:${version}`;
    const { archive, compressedBytes } = localImage({
      base,
      name,
      version,
      revision: 'e2e',
      bundle,
    });
    archives.push({ name: `vaultsecret-${version}`, archive });
    sizes.push(compressedBytes);
  }
  archives.push({ name: 'busybox', archive: busyboxImage(busybox) });
  const files = archives.map(({ name }) => join(directory, `${name}.tar`));
  await Promise.all(archives.map(({ archive }, n) => writeFile(files[n] ?? '', archive)));
  return { archives: files, compressedBytes: sizes.at(-1) ?? 0 };
}

function node(...args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args[0]} failed:\n${stderr}`);
}
