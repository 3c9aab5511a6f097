import { Buffer } from 'node:buffer';
import { createCipheriv, createHmac, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import {
  bitString,
  bmpString,
  contentOf,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  type Der,
} from './der.ts';
import { deriveBytes, purposes } from './pkcs12Derivation.ts';

const data = objectIdentifier('1.2.840.113549.1.7.1');
const encryptedData = objectIdentifier('1.2.840.113549.1.7.6');
const shroudedKeyBag = objectIdentifier('1.2.840.113549.1.12.10.1.2');
const certificateBag = objectIdentifier('1.2.840.113549.1.12.10.1.3');
const x509Certificate = objectIdentifier('1.2.840.113549.1.9.22.1');
const tripleDes = objectIdentifier('1.2.840.113549.1.12.1.3');
const sha1 = sequence(objectIdentifier('1.3.14.3.2.26'));

const attribute = (id: string, value: Der): Der => sequence(objectIdentifier(id), set(value));
const localKeyId = attribute('1.2.840.113549.1.9.21', octetString(Buffer.from([1, 0, 0, 0])));
const providerName = attribute(
  '1.3.6.1.4.1.311.17.1',
  bmpString('Microsoft Enhanced RSA and AES Cryptographic Provider'),
);
/** Windows' mark of a key for exchange. */
const exchangeKey = attribute('2.5.29.15', bitString(Buffer.from([0x10])));

/**
 * A PFX (RFC 7292) as Key Vault wrote it in recordings of November 2022 and of April 2026: the empty password of zero bytes, SHA-1 and Triple DES,
 * 2,000 rounds, and a key that is paired with its certificate by localKeyID. No PFX with an EC key is recorded: what is
 * Windows' own of an RSA key is left out there.
 * @param chain the certificate of the key, then its issuers
 */
export function createPfx(key: KeyObject, chain: readonly Der[]): Buffer {
  const certificates = chain.map((certificate, index) =>
    bag(
      certificateBag,
      sequence(x509Certificate, explicit(0, octetString(certificate))),
      index === 0 ? [localKeyId] : [],
    ),
  );
  const authenticatedSafe = sequence(
    contentInfo(sequence(shroudedKey(key))),
    encryptedInfo(sequence(...certificates)),
  );
  return sequence(
    integer(Buffer.from([3])),
    contentInfo(authenticatedSafe),
    macOf(authenticatedSafe),
  );
}

function shroudedKey(key: KeyObject): Der {
  const isRsa = key.asymmetricKeyType === 'rsa';
  const info = contentOf(key.export({ type: 'pkcs8', format: 'der' }));
  const { algorithm, encrypted } = encrypt(
    sequence(info, ...(isRsa ? [explicit(0, exchangeKey)] : [])),
  );
  return bag(shroudedKeyBag, sequence(algorithm, octetString(encrypted)), [
    localKeyId,
    attribute('1.2.840.113549.1.9.20', bmpString(randomUUID())),
    ...(isRsa ? [providerName] : []),
  ]);
}

function bag(type: Der, value: Der, attributes: readonly Der[]): Der {
  return sequence(
    type,
    explicit(0, value),
    ...(attributes.length === 0 ? [] : [set(...attributes)]),
  );
}

const contentInfo = (content: Der): Der => sequence(data, explicit(0, octetString(content)));

function encryptedInfo(content: Der): Der {
  const { algorithm, encrypted } = encrypt(content);
  const info = sequence(data, algorithm, implicit(0, encrypted));
  return sequence(encryptedData, explicit(0, sequence(integer(Buffer.from([0])), info)));
}

function encrypt(content: Der): { algorithm: Der; encrypted: Buffer } {
  const salt = randomBytes(8);
  const key = deriveBytes(purposes.key, salt, 24);
  const cipher = createCipheriv('des-ede3-cbc', key, deriveBytes(purposes.iv, salt, 8));
  return {
    algorithm: sequence(tripleDes, sequence(octetString(salt), rounds)),
    encrypted: Buffer.concat([cipher.update(content), cipher.final()]),
  };
}

function macOf(content: Der): Der {
  const salt = randomBytes(20);
  const key = deriveBytes(purposes.mac, salt, 20);
  const mac = createHmac('sha1', key).update(content).digest();
  return sequence(sequence(sha1, octetString(mac)), octetString(salt), rounds);
}

const rounds = integer(Buffer.from([0x07, 0xd0]));
