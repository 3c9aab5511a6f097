import { Buffer } from 'node:buffer';

/** A file or a folder of an archive; others have no place in our images. */
export type TarEntry = {
  readonly path: string;
  readonly owner?: number;
  readonly mode?: number;
} & ({ readonly content: Buffer } | { readonly folder: true });

const blockSize = 512;
const longestName = 100;

/**
 * A tar archive in the format ustar (POSIX.1-1988), which every container runtime reads. All times are
 * zero, so that equal content is an equal layer.
 */
export function tarArchive(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = 'content' in entry ? entry.content : Buffer.alloc(0);
    const padding = Buffer.alloc((blockSize - (content.length % blockSize)) % blockSize);
    return [headerOf(entry, content.length), content, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)]);
}

function headerOf(entry: TarEntry, size: number): Buffer {
  const { path, owner = 0 } = entry;
  if (Buffer.byteLength(path) > longestName) throw new Error(`too long for a tar header: ${path}`);
  const header = Buffer.alloc(blockSize);
  const isFolder = 'folder' in entry;
  header.write(isFolder ? `${path}/` : path, 0);
  header.write(octal(entry.mode ?? (isFolder ? 0o755 : 0o644), 7), 100);
  header.write(octal(owner, 7), 108);
  header.write(octal(owner, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(isFolder ? '5' : '0', 156);
  header.write('ustar\u000000', 257);
  // The sum of the header with its own field taken as eight spaces.
  header.write(' '.repeat(8), 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\u0000 `, 148);
  return header;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
