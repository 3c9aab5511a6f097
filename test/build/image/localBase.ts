import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { distrolessFiles, file } from './distroless.ts';
import type { TarEntry } from './tarArchive.ts';

const authorities = '/etc/ssl/certs/ca-certificates.crt';

/** A base taken from this machine: the Node that runs this, and the libraries it is linked with. */
export function localBase(): TarEntry[] {
  const libraries = librariesOf(process.execPath);
  return distrolessFiles({
    node: readFileSync(process.execPath),
    libraries: libraries.map((library) => file(library, readFileSync(library), 0o755)),
    authorities: existsSync(authorities) ? readFileSync(authorities) : undefined,
  });
}

/** By the paths under which the dynamic linker looks for them. */
function librariesOf(binary: string): string[] {
  const { stdout, status, error } = spawnSync('ldd', [binary], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ldd ${binary} failed`, { cause: error });
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
}
