import { globSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { foldersOf } from './distroless.ts';
import { compileCache } from './compileCache.ts';
import { configOf } from './dockerfile.ts';
import { localBase } from './localBase.ts';
import { layerOf, ociArchive, type Layer, type OciArchive } from './ociArchive.ts';
import { packagedBase } from './packagedBase.ts';
import { hostPlatform, type Platform } from './platform.ts';
import type { TarEntry } from './tarArchive.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/** The base with its layer, which takes seconds to compress. */
export interface Base {
  readonly platform: Platform;
  readonly entries: readonly TarEntry[];
  readonly layer: Layer;
}

/** Taken from this machine. */
export function localBaseLayer(): Base {
  return baseLayer(hostPlatform(), localBase());
}

/** Made of packages, which need not be for this machine. */
export function packagedBaseLayer(platform: Platform): Base {
  return baseLayer(platform, packagedBase(platform));
}

function baseLayer(platform: Platform, entries: readonly TarEntry[]): Base {
  return { platform, entries, layer: layerOf(entries) };
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

/** The image of the Dockerfile without Docker. */
export function localImage(options: LocalImageOptions): LocalImage {
  const { base, name, version, revision, bundle } = options;
  const { platform, entries, layer } = base;
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  const config = configOf(dockerfile, { VERSION: version, REVISION: revision });
  const app = appFiles(bundle);
  const cache = compileCache({ config, platform, entries: [...entries, ...app] });
  const layers = [layer, layerOf([...foldersOf(app), ...app, ...cache])];
  return {
    ...ociArchive({ name, architecture: platform.architecture, config, layers }),
    hasCompileCache: cache.some((entry) => 'content' in entry),
  };
}

function appFiles(bundle: string): TarEntry[] {
  const files = globSync('vaultsecret.*', { cwd: bundle }).map((file) => join(bundle, file));
  return [...files.toSorted(), join(ROOT, 'LICENSE')].map((file) => ({
    path: join('app', basename(file)),
    content: readFileSync(file),
    mode: statSync(file).mode & 0o777,
  }));
}
