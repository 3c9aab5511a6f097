import { createHash, generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import type { CertificateIssuer } from './certificateIssuers.ts';
import { curveNames, type CertificatePolicy } from './certificatePolicy.ts';
import { createPfx } from './pkcs12.ts';
import {
  alternativeNames,
  basicConstraints,
  dnsName,
  extendedKeyUsage,
  keyUsage,
  pem,
  signCertificate,
  signRequest,
} from './x509.ts';
import type { Der } from './der.ts';

/** What issuing a certificate yields: all of it real, so that clients can use it. */
export interface CertificateMaterial {
  request: Der;
  certificate: Der;
  /** SHA-1 of the certificate. */
  thumbprint: Buffer;
  /** Epoch seconds. */
  notBefore: number;
  expires: number;
  pfx: Buffer;
  /** Private key first, then the certificate, then its issuers from the nearest to the root. */
  pem: string;
}

/** Valid from ten minutes before, as recorded, for whole months. Without an issuer it is signed with its own key. */
export function issueCertificate(
  policy: CertificatePolicy,
  nowMs: number,
  issuer?: CertificateIssuer,
): CertificateMaterial {
  const { x509_props } = policy;
  const { privateKey, publicKey } = keyPairOf(policy);
  const commonName = /^cn=([^,]+)/i.exec(x509_props.subject)?.[1] ?? x509_props.subject;
  const notBeforeMs = nowMs - 600_000;
  const notAfterMs = addMonths(nowMs, x509_props.validity_months);
  const extensions = extensionsOf(policy);
  const certificate = signCertificate({
    issuer: issuer?.party ?? { commonName, key: privateKey },
    subject: { commonName, key: publicKey },
    notBeforeMs,
    notAfterMs,
    extensions,
  });
  const chain = [certificate, ...(issuer?.certificates ?? [])];
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    request: signRequest({ commonName, key: privateKey }, extensions),
    certificate,
    thumbprint: createHash('sha1').update(certificate).digest(),
    notBefore: Math.floor(notBeforeMs / 1000),
    expires: Math.floor(notAfterMs / 1000),
    pfx: createPfx(privateKey, chain),
    pem: keyPem + chain.map((one) => pem('CERTIFICATE', one)).join(''),
  };
}

function keyPairOf({ key_props }: CertificatePolicy): KeyPairKeyObjectResult {
  return key_props.kty === 'RSA'
    ? generateKeyPairSync('rsa', { modulusLength: key_props.key_size })
    : generateKeyPairSync('ec', { namedCurve: curveNames[key_props.crv] });
}

function extensionsOf({ x509_props }: CertificatePolicy): Der[] {
  const { sans, ekus, key_usage, basic_constraints } = x509_props;
  const hosts = sans?.dns_names ?? [];
  return [
    ...(key_usage.length === 0 ? [] : [keyUsage(key_usage)]),
    basicConstraints(basic_constraints.ca),
    ...(ekus.length === 0 ? [] : [extendedKeyUsage(ekus)]),
    ...(hosts.length === 0 ? [] : [alternativeNames(hosts.map(dnsName))]),
  ];
}

function addMonths(epochMs: number, months: number): number {
  const date = new Date(epochMs);
  return date.setUTCMonth(date.getUTCMonth() + months);
}
