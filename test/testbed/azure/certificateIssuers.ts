import { generateKeyPairSync } from 'node:crypto';
import type { Der } from './der.ts';
import { basicConstraints, keyUsage, signCertificate, type Party } from './x509.ts';

/** Who signs certificates: the nearest issuer with its key, and the certificates from it up to the root. */
export interface CertificateIssuer {
  party: Party;
  certificates: readonly Der[];
}

const years = 10 * 365 * 86_400_000;

/** A root that signs the next issuer, which signs the next, and so on. */
export function createCertificateIssuer(
  name: string,
  depth: number,
  nowMs: number,
): CertificateIssuer {
  let issuer: CertificateIssuer | undefined;
  for (let level = depth; level >= 1; level -= 1) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const commonName = level === depth ? `${name} root` : `${name} ${level}`;
    const party = { commonName, key: privateKey };
    const certificate = signCertificate({
      issuer: issuer?.party ?? party,
      subject: { commonName, key: publicKey },
      notBeforeMs: nowMs - 600_000,
      notAfterMs: nowMs + years,
      extensions: [keyUsage(['keyCertSign', 'cRLSign']), basicConstraints(true)],
    });
    issuer = { party, certificates: [certificate, ...(issuer?.certificates ?? [])] };
  }
  if (issuer === undefined) throw new Error('an issuer has a certificate');
  return issuer;
}
