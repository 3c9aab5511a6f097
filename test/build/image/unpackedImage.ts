import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { startCommand, type StartCommand } from './compileCache.ts';
import { nonroot } from './distroless.ts';
import { platformOf } from './platform.ts';
import { savedParts } from './savedImage.ts';

const configSchema = z.object({
  architecture: z.string(),
  User: z.string(),
  Env: z.array(z.string()),
  Entrypoint: z.array(z.string()),
});

/** An image as files, which a process can be put into by root without a container runtime. */
export interface UnpackedImage {
  readonly root: string;
  readonly architecture: string;
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly start: StartCommand;
}

/** @throws Error when this machine can neither run nor emulate the image */
export function unpackedImage(archive: Buffer, root: string): UnpackedImage {
  const { config, layers } = savedParts(archive);
  const { architecture, User, Env, Entrypoint } = configSchema.parse(config);
  const platform = platformOf(`linux/${architecture}`);
  const start = platform === undefined ? undefined : startCommand({ Entrypoint }, platform);
  if (start === undefined)
    throw new Error(
      `an image for ${architecture} needs ${platform?.emulator ?? 'another machine'}`,
    );
  // The image's user must be able to enter it.
  chmodSync(root, 0o755);
  for (const input of layers) {
    const { status, stderr } = spawnSync('tar', ['xp', '--numeric-owner', '-C', root], { input });
    if (status !== 0) throw new Error(`the image cannot be unpacked: ${stderr.toString()}`);
  }
  if (start.emulator !== undefined)
    copyFileSync(start.emulator, join(root, basename(start.emulator)));
  const env = Object.fromEntries(Env.map((pair) => pair.split('=', 2)));
  return { root, architecture, user: User, env, start };
}

/** Under its own path, for the image's user. */
export function bringFile({ root }: UnpackedImage, file: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  copyFileSync(file, join(root, file));
  chownSync(join(root, file), nonroot, nonroot);
}

const script = `root=$1 user=$2; shift 2
mount --rbind /proc "$root/proc" && exec /usr/sbin/chroot --userspec="$user" "$root" "$@"`;

/**
 * The image's entry point with these arguments, as a command for root; its process is the command's own.
 * @param processor of QEMU, which without it has all that it knows
 */
export function commandIn(
  { root, user, start }: UnpackedImage,
  args: readonly string[],
  processor?: string,
): string[] {
  const [program = '', ...more] = start.args;
  const chosen = processor === undefined ? [] : ['-cpu', processor];
  const inImage = [program, ...chosen, ...more, ...args];
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', root, user, ...inImage];
}
