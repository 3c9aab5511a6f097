import { generateKeyPairSync } from 'node:crypto';
import { basicConstraints, pem, signCertificate } from '../testbed/azure/x509.ts';

/** A certificate as an application may be given one, with its key. */
export interface ClientCertificate {
  readonly certificatePem: string;
  /** PKCS #8. */
  readonly keyPem: string;
  readonly encryptedKeyPem: string;
}

export interface ClientCertificateInput {
  /** Milliseconds since the Unix epoch. */
  readonly notAfterMs: number;
  readonly commonName?: string;
  readonly keyType?: 'rsa' | 'ec';
}

const day = 86_400_000;
const passphrase = 'a passphrase';

export function aClientCertificate({
  notAfterMs,
  commonName = 'client',
  keyType = 'rsa',
}: ClientCertificateInput): ClientCertificate {
  const { privateKey, publicKey } =
    keyType === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2_048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = signCertificate({
    issuer: { commonName, key: privateKey },
    subject: { commonName, key: publicKey },
    notBeforeMs: notAfterMs - 365 * day,
    notAfterMs,
    extensions: [basicConstraints(false)],
  });
  const exported = (options: object): string =>
    privateKey.export({ type: 'pkcs8', format: 'pem', ...options }).toString();
  return {
    certificatePem: pem('CERTIFICATE', certificate),
    keyPem: exported({}),
    encryptedKeyPem: exported({ cipher: 'aes-256-cbc', passphrase }),
  };
}
