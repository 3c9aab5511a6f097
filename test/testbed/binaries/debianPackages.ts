import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from './binaryCache.ts';
import { BinaryError } from './binaryError.ts';
import { takeBuildLock } from './buildLock.ts';

/** What no Go module gives: runc needs libseccomp, and Prometheus its built web files. */
const packages = ['busybox-static', 'containernetworking-plugins', 'prometheus', 'runc'] as const;

export interface DebianBinaries {
  readonly busybox: string;
  /** A folder. */
  readonly cniPlugins: string;
  readonly prometheus: string;
  readonly promtool: string;
  readonly runc: string;
}

/**
 * Programs of Debian packages, unpacked beside the built binaries and not installed: nothing of the
 * machine changes, and no service starts.
 */
export async function debianBinaries(log: (line: string) => void): Promise<DebianBinaries> {
  const directory = join(cacheRoot(), `debian-${codename()}-${process.arch}`);
  await mkdir(cacheRoot(), { recursive: true });
  if (!existsSync(directory)) {
    const release = await takeBuildLock(`${directory}.lock`, { what: 'Debian packages', log });
    try {
      if (!existsSync(directory)) await unpack(directory, log);
    } finally {
      await release();
    }
  }
  return {
    busybox: join(directory, 'bin/busybox'),
    cniPlugins: join(directory, 'usr/lib/cni'),
    prometheus: join(directory, 'usr/bin/prometheus'),
    promtool: join(directory, 'usr/bin/promtool'),
    runc: join(directory, 'usr/sbin/runc'),
  };
}

async function unpack(directory: string, log: (line: string) => void): Promise<void> {
  log(`downloading ${packages.join(', ')} from Debian, once; they are kept in ${directory}`);
  const unfinished = await mkdtemp(`${directory}.`);
  try {
    const downloads = join(unfinished, 'downloads');
    await mkdir(downloads);
    download(downloads);
    for (const file of await readdir(downloads)) {
      run('dpkg-deb', ['--extract', join(downloads, file), join(unfinished, 'root')]);
    }
    await rename(join(unfinished, 'root'), directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

function download(directory: string): void {
  const get = (): void => run('apt-get', ['download', ...packages], directory);
  try {
    get();
  } catch {
    // The lists of a fresh machine are empty, and those of an old one name files that are gone.
    run('apt-get', ['update']);
    get();
  }
}

function run(command: string, args: readonly string[], cwd?: string): void {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return;
  throw new BinaryError(
    `${command} ${args[0]} failed (${error?.message ?? stderr.trim()}): the packages ` +
      `${packages.join(', ')} are needed, from Debian or Ubuntu, with their lists in place`,
    { cause: error },
  );
}

function codename(): string {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const [, name] = /^VERSION_CODENAME=(\w+)$/m.exec(release) ?? [];
  if (name === undefined)
    throw new BinaryError(`this machine has no Debian packages: ${packages.join(', ')} are needed`);
  return name;
}
