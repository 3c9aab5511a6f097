import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';

/** What derived bytes are for (RFC 7292, B.3). */
export const purposes = { key: 1, iv: 2, mac: 3 } as const;

const hashBlock = 64;
const hashRounds = 2_000;

/**
 * Bytes from the empty password by SHA-1 (RFC 7292, B.2). Here it has zero bytes, as with Key Vault. OpenSSL writes the
 * two bytes that end a text, and reads both.
 */
export function deriveBytes(purpose: number, salt: Buffer, length: number): Buffer {
  const diversifier = Buffer.alloc(hashBlock, purpose);
  let salted: Buffer = Buffer.alloc(hashBlock, salt);
  let derived = Buffer.alloc(0);
  while (derived.length < length) {
    let hash = Buffer.concat([diversifier, salted]);
    for (let round = 0; round < hashRounds; round += 1) {
      hash = createHash('sha1').update(hash).digest();
    }
    derived = Buffer.concat([derived, hash]);
    salted = sumOf(salted, Buffer.alloc(hashBlock, hash));
  }
  return derived.subarray(0, length);
}

/** Of two blocks and one, without what goes beyond a block. */
function sumOf(one: Buffer, other: Buffer): Buffer {
  const sum = BigInt(`0x${one.toString('hex')}`) + BigInt(`0x${other.toString('hex')}`) + 1n;
  const digits = sum.toString(16).padStart(2 * hashBlock, '0');
  return Buffer.from(digits.slice(-2 * hashBlock), 'hex');
}
