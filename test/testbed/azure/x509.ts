import { Buffer } from 'node:buffer';
import { createHash, createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto';
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
  set,
  utcTime,
  utf8String,
  type Der,
} from './der.ts';

/** X.509 certificates and PKCS #10 requests, as far as the test bed issues them. */
export interface Party {
  commonName: string;
  /** Private of whoever signs, public of whoever is certified. */
  key: KeyObject;
}

export interface Certified {
  issuer: Party;
  subject: Party;
  notBeforeMs: number;
  notAfterMs: number;
  extensions: readonly Der[];
}

/** Both key identifiers are present because Python's strict verification refuses a leaf without. */
export function signCertificate({ issuer, subject, ...rest }: Certified): Der {
  const algorithm = signatureAlgorithm(issuer.key);
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([0x01]), randomBytes(15)])),
    algorithm,
    distinguishedName(issuer.commonName),
    sequence(utcTime(rest.notBeforeMs), utcTime(rest.notAfterMs)),
    distinguishedName(subject.commonName),
    publicKeyInfo(subject.key),
    explicit(
      3,
      sequence(
        ...rest.extensions,
        extension('2.5.29.14', octetString(keyIdentifier(subject.key))),
        extension('2.5.29.35', sequence(implicit(0, keyIdentifier(issuer.key)))),
      ),
    ),
  );
  return sequence(body, algorithm, bitString(sign('sha256', body, issuer.key)));
}

/** PKCS #10, with the extensions that the certificate shall have. */
export function signRequest(subject: Party, extensions: readonly Der[]): Der {
  const extensionRequest = sequence(
    objectIdentifier('1.2.840.113549.1.9.14'),
    set(sequence(...extensions)),
  );
  const body = sequence(
    integer(Buffer.from([0])),
    distinguishedName(subject.commonName),
    publicKeyInfo(subject.key),
    explicit(0, extensionRequest),
  );
  const signature = bitString(sign('sha256', body, subject.key));
  return sequence(body, signatureAlgorithm(subject.key), signature);
}

export function pem(label: string, der: Der): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

export function extension(id: string, value: Der, critical = false): Der {
  const parts = critical ? [objectIdentifier(id), boolean(true)] : [objectIdentifier(id)];
  return sequence(...parts, octetString(value));
}

export function basicConstraints(isAuthority: boolean): Der {
  return extension('2.5.29.19', isAuthority ? sequence(boolean(true)) : sequence(), isAuthority);
}

/** In the order of their bits. */
export const keyUsages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
] as const;

export type KeyUsage = (typeof keyUsages)[number];

export function keyUsage(usages: readonly KeyUsage[]): Der {
  const positions = usages.map((usage) => keyUsages.indexOf(usage));
  const bits = positions.reduce((sum, position) => sum | (0x80 >> position), 0);
  return extension('2.5.29.15', bitString(Buffer.from([bits]), 7 - Math.max(...positions)), true);
}

export function extendedKeyUsage(ids: readonly string[]): Der {
  return extension('2.5.29.37', sequence(...ids.map(objectIdentifier)));
}

export function alternativeNames(names: readonly Der[]): Der {
  return extension('2.5.29.17', sequence(...names));
}

export const dnsName = (host: string): Der => implicit(2, Buffer.from(host, 'ascii'));
export const ipAddress = (address: string): Der =>
  implicit(7, Buffer.from(address.split('.').map(Number)));

function distinguishedName(commonName: string): Der {
  // The attribute's upper bound of 64 characters (RFC 5280, ub-common-name) would refuse long hosts.
  return sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8String(commonName.slice(0, 64)))));
}

function publicKeyInfo(key: KeyObject): Der {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ type: 'spki', format: 'der' });
}

/** Key identifier as RFC 5280 4.2.1.2 method 1, over the whole key info: any stable value will do. */
function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1').update(publicKeyInfo(key)).digest();
}

function signatureAlgorithm({ asymmetricKeyType }: KeyObject): Der {
  return asymmetricKeyType === 'rsa'
    ? sequence(objectIdentifier('1.2.840.113549.1.1.11'), nullValue)
    : sequence(objectIdentifier('1.2.840.10045.4.3.2'));
}
