const blockSize = 512;

/** A member of an archive, whoever has written it. */
export interface TarMember {
  readonly path: string;
  /** As the header has it: "0" a file, "1" and "2" links, "5" a folder. */
  readonly kind: string;
  readonly mode: number;
  readonly owner: string;
  readonly link: string;
  readonly content: Buffer;
}

/** Reads the format pax (POSIX.1-2001), which holds ustar, with the long names of GNU. */
export function tarMembers(archive: Buffer): TarMember[] {
  const members: TarMember[] = [];
  let longer: { path?: string; link?: string } = {};
  for (let at = 0; at + blockSize <= archive.length && archive[at] !== 0;) {
    const header = archive.subarray(at, at + blockSize);
    const size = number(header, 124, 12);
    const content = archive.subarray(at + blockSize, at + blockSize + size);
    at += blockSize + Math.ceil(size / blockSize) * blockSize;
    const kind = text(header, 156, 1) || '0';
    if (kind === 'g') continue;
    if ('xLK'.includes(kind)) {
      longer = { ...longer, ...extensionOf(kind, content) };
      continue;
    }
    members.push({ ...memberOf(header, kind), content, ...longer });
    longer = {};
  }
  return members;
}

function memberOf(header: Buffer, kind: string): Omit<TarMember, 'content'> {
  const prefix = text(header, 345, 155);
  const name = text(header, 0, 100);
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    kind,
    mode: number(header, 100, 8) & 0o7777,
    owner: `${number(header, 108, 8)}:${number(header, 116, 8)}`,
    link: text(header, 157, 100),
  };
}

function extensionOf(kind: string, content: Buffer): { path?: string; link?: string } {
  if (kind === 'L') return { path: text(content, 0, content.length) };
  if (kind === 'K') return { link: text(content, 0, content.length) };
  const records = content.toString('utf8');
  const path = /^\d+ path=(.*)$/m.exec(records)?.[1];
  const link = /^\d+ linkpath=(.*)$/m.exec(records)?.[1];
  return { ...(path === undefined ? {} : { path }), ...(link === undefined ? {} : { link }) };
}

function text(block: Buffer, start: number, length: number): string {
  return block.toString('utf8', start, start + length).replace(/\0.*$/s, '');
}

function number(block: Buffer, start: number, length: number): number {
  return Number.parseInt(text(block, start, length).trim() || '0', 8);
}
