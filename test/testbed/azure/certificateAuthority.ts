import { Buffer } from 'node:buffer';
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import { isIPv4 } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  utcTime,
  utf8String,
  type Der,
} from './der.ts';

const day = 86_400_000;
const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));

/** A private CA of one test bed: issues a leaf for whichever host name a client asks. */
export interface CertificateAuthority {
  certificatePem: string;
  /** Certificate and key for one host name or IPv4 address. */
  leaf(host: string): { cert: string; key: string };
  secureContext(host: string): SecureContext;
}

interface Subject {
  commonName: string;
  key: KeyObject;
}

export function createCertificateAuthority(commonName: string): CertificateAuthority {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const leafPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const leafKeyPem = leafPair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const issuer: Subject = { commonName, key: authority.privateKey };
  const certificatePem = signCertificate(issuer, { commonName, key: authority.publicKey }, [
    extension('2.5.29.19', sequence(boolean(true)), true),
    extension('2.5.29.15', bitString(Buffer.from([0x06]), 1), true),
  ]);
  const contexts = new Map<string, SecureContext>();
  const leaf = (host: string): { cert: string; key: string } => ({
    cert: signCertificate(issuer, { commonName: host, key: leafPair.publicKey }, [
      extension('2.5.29.15', bitString(Buffer.from([0x80]), 7), true),
      extension('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))),
      extension('2.5.29.17', sequence(alternativeName(host))),
    ]),
    key: leafKeyPem,
  });
  return {
    certificatePem,
    leaf,
    secureContext(host) {
      const known = contexts.get(host);
      if (known !== undefined) return known;
      const context = createSecureContext(leaf(host));
      contexts.set(host, context);
      return context;
    },
  };
}

function alternativeName(host: string): Der {
  if (isIPv4(host)) return implicit(7, Buffer.from(host.split('.').map(Number)));
  return implicit(2, Buffer.from(host, 'ascii'));
}

function extension(id: string, value: Der, critical = false): Der {
  const parts = critical ? [objectIdentifier(id), boolean(true)] : [objectIdentifier(id)];
  return sequence(...parts, octetString(value));
}

function name(commonName: string): Der {
  // The attribute's upper bound of 64 characters (RFC 5280, ub-common-name) would refuse long hosts.
  return sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8String(commonName.slice(0, 64)))));
}

/** Key identifier as RFC 5280 4.2.1.2 method 1, over the whole key info: any stable value will do. */
function keyIdentifier(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

/**
 * Validity follows the machine's clock, not the stand-in's `now`: TLS clients judge it by theirs.
 * Both key identifiers are present because Python's strict verification refuses a leaf without.
 */
function signCertificate(issuer: Subject, subject: Subject, extensions: readonly Der[]): string {
  const now = Date.now();
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([0x01]), randomBytes(15)])),
    ecdsaWithSha256,
    name(issuer.commonName),
    sequence(utcTime(now - day), utcTime(now + 365 * day)),
    name(subject.commonName),
    subject.key.export({ type: 'spki', format: 'der' }),
    explicit(
      3,
      sequence(
        ...extensions,
        extension('2.5.29.14', octetString(keyIdentifier(subject.key))),
        extension('2.5.29.35', sequence(implicit(0, keyIdentifier(issuer.key)))),
      ),
    ),
  );
  const certificate = sequence(body, ecdsaWithSha256, bitString(sign('sha256', body, issuer.key)));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
