import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { configOf } from './dockerfile.ts';
import { foldersOf, localBase, nonroot } from './localBase.ts';
import {
  layerOf,
  ociArchive,
  type ImageConfig,
  type Layer,
  type OciArchive,
} from './ociArchive.ts';
import type { TarEntry } from './tarArchive.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/** The base with its layer, which takes seconds to compress. */
export interface Base {
  readonly entries: readonly TarEntry[];
  readonly layer: Layer;
}

export function localBaseLayer(): Base {
  const entries = localBase();
  return { entries, layer: layerOf(entries) };
}

export interface LocalImageOptions {
  readonly base: Base;
  /** With tag. */
  readonly name: string;
  readonly version: string;
  readonly revision: string;
  /** The folder of the bundle and what belongs to it. */
  readonly bundle: string;
}

export interface LocalImage extends OciArchive {
  /** Without it a container compiles the bundle at each start. */
  readonly hasCompileCache: boolean;
}

/** The image of the Dockerfile without Docker: on a base that is taken from this machine. */
export function localImage(options: LocalImageOptions): LocalImage {
  const { base, name, version, revision, bundle } = options;
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  const config = configOf(dockerfile, { VERSION: version, REVISION: revision });
  const app = appFiles(bundle);
  const cache = compileCache(config, [...base.entries, ...app]);
  const layers = [base.layer, layerOf([...foldersOf(app, nonroot), ...app, ...cache])];
  return {
    ...ociArchive({ name, architecture: goArchitecture(), config, layers }),
    hasCompileCache: cache.some((entry) => 'content' in entry),
  };
}

function appFiles(bundle: string): TarEntry[] {
  const files = globSync('vaultsecret.*', { cwd: bundle }).map((file) => join(bundle, file));
  return [...files.toSorted(), join(ROOT, 'LICENSE')].map((file) => ({
    path: join('app', file.slice(dirname(file).length + 1)),
    content: readFileSync(file),
    owner: nonroot,
  }));
}

/**
 * What the Dockerfile's RUN leaves: the bundle is run once in the image, under its path and as its user.
 * Only root may do that.
 */
function compileCache(config: ImageConfig, entries: readonly TarEntry[]): TarEntry[] {
  const folder: TarEntry = { path: 'app/cache', folder: true, owner: nonroot };
  if (process.getuid?.() !== 0) return [folder];
  const root = mkdtempSync(join(tmpdir(), 'vaultsecret-image-'));
  try {
    // The image's user must be able to enter it.
    chmodSync(root, 0o755);
    for (const entry of [...entries, folder]) extract(root, entry);
    chownSync(join(root, folder.path), nonroot, nonroot);
    warmUp(root, config);
    return [folder, ...entriesBelow(root, folder.path)];
  } finally {
    rmSync(root, { recursive: true });
  }
}

function warmUp(root: string, { Entrypoint, Env, User }: ImageConfig): void {
  const { status, stderr, error } = spawnSync(
    '/usr/sbin/chroot',
    [`--userspec=${User}`, root, ...Entrypoint, '--version'],
    { encoding: 'utf8', env: Object.fromEntries(Env.map((pair) => pair.split('=', 2))) },
  );
  if (status !== 0)
    throw new Error(`the bundle does not start in the image: ${stderr}`, { cause: error });
}

function entriesBelow(root: string, folder: string): TarEntry[] {
  const found = globSync(`${folder}/**/*`, { cwd: root }).toSorted();
  return found.map((path) => {
    const file = join(root, path);
    return statSync(file).isDirectory()
      ? { path, folder: true, owner: nonroot }
      : { path, content: readFileSync(file), owner: nonroot };
  });
}

function extract(root: string, entry: TarEntry): void {
  const path = join(root, entry.path);
  mkdirSync('folder' in entry ? path : dirname(path), { recursive: true });
  if ('content' in entry) writeFileSync(path, entry.content, { mode: entry.mode ?? 0o644 });
}

/** As container images name it. */
function goArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}
