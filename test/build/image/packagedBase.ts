import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { distrolessFiles, file } from './distroless.ts';
import { withDebianFiles, type DebianFiles } from './debianFiles.ts';
import { npmNode } from './npmNode.ts';
import type { Platform } from './platform.ts';
import type { TarEntry } from './tarArchive.ts';

/** The second has the licence of those of GCC. */
const packages = ['ca-certificates', 'gcc-14-base', 'libc6', 'libgcc-s1', 'libstdc++6'];

/** What Node is linked with. One that is missing here shows when the image's compile cache is made. */
const libraries = [
  'libc.so.6',
  'libdl.so.2',
  'libgcc_s.so.1',
  'libm.so.6',
  'libpthread.so.0',
  'libstdc++.so.6',
];

/** A base of which this machine has nothing: Node from npm, the rest from Debian packages. */
export function packagedBase(platform: Platform): TarEntry[] {
  const { binary, license } = npmNode(platform.node);
  return withDebianFiles({ architecture: platform.architecture, packages }, (debian) =>
    distrolessFiles({
      node: binary,
      libraries: librariesFrom(debian.root, platform),
      authorities: authoritiesFrom(debian.root),
      more: [file('/nodejs/LICENSE', license), ...descriptionsOf(debian)],
    }),
  );
}

function librariesFrom(root: string, { libraries: folder, loader }: Platform): TarEntry[] {
  const from = (name: string): Buffer => readFileSync(join(root, 'usr/lib', folder, name));
  return [
    file(loader, from(basename(loader)), 0o755),
    ...libraries.map((name) => file(`/lib/${folder}/${name}`, from(name), 0o755)),
  ];
}

/** As the package's own script puts them together when it is installed. */
function authoritiesFrom(root: string): Buffer {
  const files = globSync('usr/share/ca-certificates/mozilla/*.crt', { cwd: root }).toSorted();
  return Buffer.concat(files.map((name) => readFileSync(join(root, name))));
}

/** Where scanners look for the packages of distroless images; and the licences. */
function descriptionsOf({ root, control }: DebianFiles): TarEntry[] {
  return [...control].flatMap(([name, text]) => {
    const copyright = `/usr/share/doc/${name}/copyright`;
    return [
      file(`/var/lib/dpkg/status.d/${name}`, text),
      file(copyright, readFileSync(join(root, copyright))),
    ];
  });
}
