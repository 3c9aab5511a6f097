import { Buffer } from 'node:buffer';

/** The few DER types (X.690) that certificates and PKCS #12 files of ours are made of. */
export type Der = Buffer;

function encode(tag: number, ...parts: readonly Der[]): Der {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), encodeLength(content.length), content]);
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  if (length < 0x100) return Buffer.from([0x81, length]);
  return Buffer.from([0x82, length >> 8, length & 0xff]);
}

export const sequence = (...parts: readonly Der[]): Der => encode(0x30, ...parts);
export const set = (...parts: readonly Der[]): Der => encode(0x31, ...parts);
export const nullValue: Der = encode(0x05);
export const boolean = (value: boolean): Der => encode(0x01, Buffer.from([value ? 0xff : 0x00]));
export const octetString = (content: Buffer): Der => encode(0x04, content);
/** Two bytes a character; the text holds no others. */
export const bmpString = (text: string): Der => encode(0x1e, Buffer.from(text, 'utf16le').swap16());
export const utf8String = (text: string): Der => encode(0x0c, Buffer.from(text, 'utf8'));

/** Context tag around whole values, as `[n] EXPLICIT`. */
export const explicit = (tag: number, ...parts: readonly Der[]): Der =>
  encode(0xa0 | tag, ...parts);

/** Context tag in place of the value's own, as `[n] IMPLICIT` on a primitive. */
export const implicit = (tag: number, content: Buffer): Der => encode(0x80 | tag, content);

/** A positive integer, of big-endian bytes. */
export function integer(bytes: Buffer): Der {
  const first = bytes[0] ?? 0;
  return encode(0x02, first >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

export function bitString(content: Buffer, unusedBits = 0): Der {
  return encode(0x03, Buffer.from([unusedBits]), content);
}

export function objectIdentifier(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return encode(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

/** UTCTime: two-digit years, so only until 2049. */
export function utcTime(epochMs: number): Der {
  const digits = new Date(epochMs).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return encode(0x17, Buffer.from(`${digits}Z`, 'ascii'));
}

/** What the tag and the length of a value enclose. */
export function contentOf(der: Der): Der {
  const length = der[1] ?? 0;
  return der.subarray(length < 0x80 ? 2 : 2 + (length & 0x7f));
}
