import { type Buffer } from 'node:buffer';

/** A value of DER (X.690) with the values in it. */
export interface DerNode {
  tag: number;
  content: Buffer;
  children: DerNode[];
}

const constructed = 0x20;

export function readDer(bytes: Buffer): DerNode {
  const [node] = readAll(bytes);
  if (node === undefined) throw new Error('no value of DER');
  return node;
}

function readAll(bytes: Buffer): DerNode[] {
  const nodes: DerNode[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes.readUInt8(at);
    const first = bytes.readUInt8(at + 1);
    const more = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + more;
    const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
    const content = bytes.subarray(start, start + length);
    nodes.push({ tag, content, children: (tag & constructed) === 0 ? [] : readAll(content) });
    at = start + length;
  }
  return nodes;
}

/** The value that a path of positions leads to. */
export function nodeAt(node: DerNode, ...path: readonly number[]): DerNode {
  const [position, ...rest] = path;
  if (position === undefined) return node;
  const child = node.children[position];
  if (child === undefined) throw new Error(`no value at ${path.join('.')}`);
  return nodeAt(child, ...rest);
}
