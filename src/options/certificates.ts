import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const certificatePattern = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** PEM, with other words around it maybe. Undefined: there is one, and each can be read. */
export function certificateProblem(pem: string): string | undefined {
  const certificates = pem.match(certificatePattern) ?? [];
  if (certificates.length === 0) return 'holds no PEM certificate';
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
    return undefined;
  } catch {
    return 'holds a broken certificate';
  }
}

export function readCertificates(file: string, context: z.RefinementCtx): string {
  try {
    const pem = readFileSync(file, 'utf8');
    const problem = certificateProblem(pem);
    if (problem === undefined) return pem;
    context.addIssue(`${file} ${problem}`);
  } catch {
    context.addIssue(`cannot read ${file}`);
  }
  return z.NEVER;
}
