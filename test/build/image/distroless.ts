import { dirname } from 'node:path';
import type { TarEntry } from './tarArchive.ts';

/** The user of distroless images. */
export const nonroot = 65_532;

export const nodePath = '/nodejs/bin/node';

export interface DistrolessParts {
  readonly node: Buffer;
  /** At the paths where the dynamic linker looks for them. */
  readonly libraries: readonly TarEntry[];
  /** In PEM. */
  readonly authorities: Buffer | undefined;
  readonly more?: readonly TarEntry[];
}

/** What a distroless Node image holds, with Node at the place where distroless has it. No shell. */
export function distrolessFiles({
  node,
  libraries,
  authorities,
  more = [],
}: DistrolessParts): TarEntry[] {
  const files = [
    file(nodePath, node, 0o755),
    ...libraries,
    file(
      '/etc/passwd',
      `root:x:0:0:root:/root:/sbin/nologin\n${user}:/home/nonroot:/sbin/nologin\n`,
    ),
    file('/etc/group', `root:x:0:\nnonroot:x:${nonroot}:\n`),
    // Without it glibc asks DNS before the hosts file.
    file('/etc/nsswitch.conf', 'hosts: files dns\n'),
    ...(authorities === undefined ? [] : [file('/etc/ssl/certs/ca-certificates.crt', authorities)]),
    ...more,
  ];
  const mountPoints = ['dev', 'proc', 'sys'].map((path) => ({ path, folder: true }) as const);
  const temporary = { path: 'tmp', folder: true, mode: 0o1777 } as const;
  return [...foldersOf(files), ...mountPoints, temporary, ...files];
}

const user = `nonroot:x:${nonroot}:${nonroot}:nonroot`;

export function file(path: string, content: Buffer | string, mode = 0o644): TarEntry {
  return { path: path.slice(1), content: Buffer.from(content), mode };
}

/** Every folder above the files, outer ones first. */
export function foldersOf(entries: readonly TarEntry[]): TarEntry[] {
  const folders = new Set<string>();
  for (const { path } of entries) {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) folders.add(folder);
  }
  return [...folders].toSorted().map((path) => ({ path, folder: true }));
}
