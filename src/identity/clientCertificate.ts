import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { redact, reveal, type Redacted } from '../core/redacted.ts';

export interface ClientCertificate {
  /** The key, then the certificate for it, then the others, as @azure/identity wants them. */
  readonly pem: Redacted<string>;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

/** What is wrong, as the end of a sentence about the key of the Secret, and what helps. */
export interface CertificateProblem {
  readonly problem: string;
  readonly repair: string;
}

const toPem =
  'Put PEM there, the key not encrypted: openssl pkcs12 -in client.pfx -nodes -out client.pem';

const problems = {
  noKey: {
    problem: 'holds no private key in PEM form',
    repair: `Put the private key there together with its certificate. ${toPem}`,
  },
  encrypted: {
    problem: 'holds a private key that is encrypted',
    repair:
      'Nobody could type its passphrase in: openssl pkey -in client.key -out client.plain.key, and put that there.',
  },
  broken: {
    problem: 'holds a private key or certificate that cannot be read',
    repair: `Something of it was lost on the way; every line of the PEM file is needed. ${toPem}`,
  },
  notRsa: {
    problem: 'holds a private key that is not RSA',
    repair:
      "Microsoft Entra ID takes RSA alone: openssl req -x509 -newkey rsa:2048 -nodes -subj '/CN=client' -days 365 -keyout client.key -out client.crt",
  },
  noCertificate: {
    problem: 'holds no certificate in PEM form',
    repair: `Put the certificate there together with its private key. ${toPem}`,
  },
  otherKey: {
    problem: 'holds a certificate that belongs to another private key',
    repair:
      'These must print the same: openssl x509 -in client.crt -noout -pubkey, openssl pkey -in client.key -pubout',
  },
  pkcs12: { problem: 'holds a PKCS #12 file, not PEM', repair: toPem },
} satisfies Readonly<Record<string, CertificateProblem>>;

const keyBlock = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[^-]*-----END [A-Z ]*PRIVATE KEY-----/;
const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
/** https://datatracker.ietf.org/doc/html/rfc7292#section-4: a DER sequence, longer than 127 bytes. */
const derSequence = 0x30;

/** Everything is looked at here, because @azure/identity fails on it with texts that quote the file. */
export function readClientCertificate(
  parts: readonly Redacted<Uint8Array>[],
): ClientCertificate | CertificateProblem {
  const bytes = parts.map(reveal);
  if (bytes.some(([first]) => first === derSequence)) return problems.pkcs12;
  const text = bytes.map((part) => Buffer.from(part).toString('utf8')).join('\n');
  const [keyText, kind = ''] = keyBlock.exec(text) ?? [];
  if (keyText === undefined) return problems.noKey;
  if (kind.includes('ENCRYPTED') || keyText.includes('Proc-Type: 4,ENCRYPTED'))
    return problems.encrypted;
  const blocks = text.match(certificateBlock) ?? [];
  if (blocks.length === 0) return problems.noCertificate;
  return fitting(keyText, blocks);
}

function fitting(
  keyText: string,
  blocks: readonly string[],
): ClientCertificate | CertificateProblem {
  try {
    const key = createPrivateKey(keyText);
    if (key.asymmetricKeyType !== 'rsa') return problems.notRsa;
    const certificates = blocks.map((block) => new X509Certificate(block));
    return ordered(key, certificates);
  } catch {
    return problems.broken;
  }
}

/** @azure/identity takes the first certificate for that of the key; files from elsewhere begin with the root. */
function ordered(
  key: KeyObject,
  certificates: readonly X509Certificate[],
): ClientCertificate | CertificateProblem {
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) return problems.otherKey;
  const others = certificates.filter((certificate) => certificate !== own);
  const pem = [
    key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ...[own, ...others].map(String),
  ].join('');
  return { pem: redact(pem), expiresAt: own.validToDate.getTime() };
}
