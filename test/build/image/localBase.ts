import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TarEntry } from './tarArchive.ts';

/** The user of distroless images. */
export const nonroot = 65_532;

const certificates = '/etc/ssl/certs/ca-certificates.crt';

/**
 * What a distroless Node image holds, taken from this machine: the Node that runs this, at the place
 * where distroless has it, the libraries it is linked with, certificate authorities, a user. No shell.
 */
export function localBase(): TarEntry[] {
  const files = [
    file('/nodejs/bin/node', readFileSync(process.execPath), 0o755),
    ...librariesOf(process.execPath).map((library) => file(library, readFileSync(library), 0o755)),
    file(
      '/etc/passwd',
      `root:x:0:0:root:/root:/sbin/nologin\n${user}:/home/nonroot:/sbin/nologin\n`,
    ),
    file('/etc/group', `root:x:0:\nnonroot:x:${nonroot}:\n`),
    // Without it glibc asks DNS before the hosts file.
    file('/etc/nsswitch.conf', 'hosts: files dns\n'),
    ...(existsSync(certificates) ? [file(certificates, readFileSync(certificates))] : []),
  ];
  return [...foldersOf(files), { path: 'tmp', folder: true, mode: 0o1777 }, ...files];
}

const user = `nonroot:x:${nonroot}:${nonroot}:nonroot`;

/** By the paths under which the dynamic linker looks for them. */
function librariesOf(binary: string): string[] {
  const { stdout, status, error } = spawnSync('ldd', [binary], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ldd ${binary} failed`, { cause: error });
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
}

function file(path: string, content: Buffer | string, mode = 0o644): TarEntry {
  return { path: path.slice(1), content: Buffer.from(content), mode };
}

/** Every folder above the files, outer ones first. */
export function foldersOf(entries: readonly TarEntry[], owner = 0): TarEntry[] {
  const folders = new Set<string>();
  for (const { path } of entries) {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) folders.add(folder);
  }
  return [...folders].toSorted().map((path) => ({ path, folder: true, owner }));
}
