import { Buffer } from 'node:buffer';
import { createHash, createHmac, randomBytes, type KeyObject } from 'node:crypto';
import {
  explicit,
  integer,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
  type Der,
} from './der.ts';

const data = objectIdentifier('1.2.840.113549.1.7.1');
const shroudedKeyBag = objectIdentifier('1.2.840.113549.1.12.10.1.2');
const certificateBag = objectIdentifier('1.2.840.113549.1.12.10.1.3');
const x509Certificate = objectIdentifier('1.2.840.113549.1.9.22.1');
const sha256 = sequence(objectIdentifier('2.16.840.1.101.3.4.2.1'), nullValue);
const macIterations = 2_000;

/** A PFX (RFC 7292) without password, as Key Vault keeps certificates; the ciphers are newer ones. */
export function createPfx(key: KeyObject, certificate: Der): Buffer {
  const shroudedKey = key.export({
    type: 'pkcs8',
    format: 'der',
    cipher: 'aes-256-cbc',
    passphrase: '',
  });
  const authenticatedSafe = sequence(
    contentInfo(sequence(bag(shroudedKeyBag, shroudedKey))),
    contentInfo(
      sequence(
        bag(certificateBag, sequence(x509Certificate, explicit(0, octetString(certificate)))),
      ),
    ),
  );
  return sequence(
    integer(Buffer.from([3])),
    contentInfo(authenticatedSafe),
    macOf(authenticatedSafe),
  );
}

const contentInfo = (content: Der): Der => sequence(data, explicit(0, octetString(content)));
const bag = (type: Der, value: Der): Der => sequence(type, explicit(0, value));

function macOf(content: Der): Der {
  const salt = randomBytes(8);
  const mac = createHmac('sha256', macKey(salt)).update(content).digest();
  const iterations = Buffer.alloc(2);
  iterations.writeUInt16BE(macIterations);
  return sequence(sequence(sha256, octetString(mac)), octetString(salt), integer(iterations));
}

/** RFC 7292 appendix B.2 for purpose 3 (MAC) and the empty password, whose BMPString is two zeros. */
function macKey(salt: Buffer): Buffer {
  const block = 64;
  const repeated = (bytes: Buffer): Buffer => Buffer.alloc(block, bytes);
  const input = [Buffer.alloc(block, 3), repeated(salt), repeated(Buffer.from([0, 0]))];
  let key = createHash('sha256').update(Buffer.concat(input)).digest();
  for (let round = 1; round < macIterations; round += 1) {
    key = createHash('sha256').update(key).digest();
  }
  return key;
}
