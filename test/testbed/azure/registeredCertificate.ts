import { X509Certificate } from 'node:crypto';

/** A certificate as the portal keeps it: without its key. */
export interface RegisteredCertificate {
  readonly pem: string;
  readonly thumbprints: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** @throws Error when it is no PEM certificate */
export function registeredCertificate(pem: string): RegisteredCertificate {
  const certificate = new X509Certificate(pem);
  const { fingerprint, fingerprint256, validFromDate, validToDate } = certificate;
  return {
    pem,
    thumbprints: [fingerprint, fingerprint256].map((text) => text.replaceAll(':', '')),
    notBeforeMs: validFromDate.getTime(),
    notAfterMs: validToDate.getTime(),
  };
}
