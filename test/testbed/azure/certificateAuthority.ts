import { generateKeyPairSync } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import {
  alternativeNames,
  basicConstraints,
  dnsName,
  extendedKeyUsage,
  ipAddress,
  keyUsage,
  pem,
  signCertificate,
  type Party,
} from './x509.ts';

const day = 86_400_000;
const serverAuthentication = '1.3.6.1.5.5.7.3.1';

/** A private CA of one test bed: issues a leaf for whichever host name a client asks. */
export interface CertificateAuthority {
  certificatePem: string;
  /** Certificate and key for one host name or IPv4 address. */
  leaf(host: string): { cert: string; key: string };
  secureContext(host: string): SecureContext;
}

export function createCertificateAuthority(commonName: string): CertificateAuthority {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const leafPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const leafKeyPem = leafPair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const issuer: Party = { commonName, key: authority.privateKey };
  const certificatePem = pem(
    'CERTIFICATE',
    signCertificate({
      issuer,
      subject: { commonName, key: authority.publicKey },
      ...validity(),
      extensions: [basicConstraints(true), keyUsage(['keyCertSign', 'cRLSign'])],
    }),
  );
  const contexts = new Map<string, SecureContext>();
  const leaf = (host: string): { cert: string; key: string } => {
    const certificate = signCertificate({
      issuer,
      subject: { commonName: host, key: leafPair.publicKey },
      ...validity(),
      extensions: [
        keyUsage(['digitalSignature']),
        extendedKeyUsage([serverAuthentication]),
        alternativeNames([isIPv4(host) ? ipAddress(host) : dnsName(host)]),
      ],
    });
    return { cert: pem('CERTIFICATE', certificate), key: leafKeyPem };
  };
  return {
    certificatePem,
    leaf,
    secureContext(host) {
      const context = contexts.get(host) ?? createSecureContext(leaf(host));
      contexts.set(host, context);
      return context;
    },
  };
}

/** By the machine's clock, not the stand-in's `now`: TLS clients judge it by theirs. */
function validity(): { notBeforeMs: number; notAfterMs: number } {
  const now = Date.now();
  return { notBeforeMs: now - day, notAfterMs: now + 365 * day };
}
