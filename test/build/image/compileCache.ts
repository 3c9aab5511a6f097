import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { nodePath, nonroot } from './distroless.ts';
import type { ImageConfig } from './ociArchive.ts';
import { hostPlatform, type Platform } from './platform.ts';
import type { TarEntry } from './tarArchive.ts';

const folder: TarEntry = { path: 'app/cache', folder: true, owner: nonroot };

interface Uncached {
  readonly config: ImageConfig;
  readonly platform: Platform;
  /** All of the image but the cache. */
  readonly entries: readonly TarEntry[];
}

/**
 * What the Dockerfile's RUN leaves: the bundle is run once in the image, under its path and as its user.
 * Only root may do that; and another platform's Node needs QEMU, whose cache every processor of that
 * platform takes: V8 keeps bytecode in it, no machine code.
 */
export function compileCache({ config, platform, entries }: Uncached): TarEntry[] {
  const start = startCommand(config, platform);
  if (process.getuid?.() !== 0 || start === undefined) return [folder];
  const root = mkdtempSync(join(tmpdir(), 'vaultsecret-image-'));
  try {
    // The image's user must be able to enter it.
    chmodSync(root, 0o755);
    for (const entry of [...entries, folder]) extract(root, entry);
    chownSync(join(root, folder.path), nonroot, nonroot);
    warmUp(root, config, start);
    return [folder, ...entriesBelow(root, folder.path)];
  } finally {
    rmSync(root, { recursive: true });
  }
}

export interface StartCommand {
  readonly args: readonly string[];
  /** A program of this machine that the image needs for the first argument. */
  readonly emulator?: string;
}

/** Undefined when this machine cannot run the image. */
export function startCommand(
  { Entrypoint }: Pick<ImageConfig, 'Entrypoint'>,
  platform: Platform,
): StartCommand | undefined {
  if (platform.architecture === hostPlatform().architecture) return { args: Entrypoint };
  const emulator = inPath(platform.emulator);
  // QEMU looks for no program in PATH.
  const args = [`/${platform.emulator}`, nodePath, ...Entrypoint.slice(1)];
  return emulator === undefined ? undefined : { args, emulator };
}

function inPath(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders
    .map((each) => join(each, program))
    .find((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
}

function warmUp(root: string, { Env, User }: ImageConfig, { args, emulator }: StartCommand): void {
  if (emulator !== undefined) copyFileSync(emulator, join(root, basename(emulator)));
  const { status, stderr, error } = spawnSync(
    '/usr/sbin/chroot',
    [`--userspec=${User}`, root, ...args, '--version'],
    { encoding: 'utf8', env: Object.fromEntries(Env.map((pair) => pair.split('=', 2))) },
  );
  if (status !== 0)
    throw new Error(`the bundle does not start in the image: ${stderr}`, { cause: error });
}

function entriesBelow(root: string, path: string): TarEntry[] {
  const found = globSync(`${path}/**/*`, { cwd: root }).toSorted();
  return found.map((each) => {
    const file = join(root, each);
    const stat = statSync(file);
    const owned = { path: each, owner: nonroot, mode: stat.mode & 0o777 };
    return stat.isDirectory()
      ? { ...owned, folder: true }
      : { ...owned, content: readFileSync(file) };
  });
}

function extract(root: string, entry: TarEntry): void {
  const path = join(root, entry.path);
  mkdirSync('folder' in entry ? path : dirname(path), { recursive: true });
  if ('content' in entry) writeFileSync(path, entry.content, { mode: entry.mode ?? 0o644 });
}
