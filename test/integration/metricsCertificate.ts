import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { createCertificateAuthority } from '../testbed/azure/certificateAuthority.ts';

/** A certificate as a Secret of type kubernetes.io/tls is mounted, and whoever trusts it. */
export interface MetricsCertificate {
  readonly directory: string;
  /** Of an authority that nobody knew before. */
  renew(): Promise<void>;
  /** Its answer to a scrape. @throws Error when the certificate is another */
  scrape(port: number, token?: string): Promise<{ status: number; text: string }>;
  remove(): Promise<void>;
}

export async function createMetricsCertificate(): Promise<MetricsCertificate> {
  const directory = await mkdtemp(join(tmpdir(), 'vaultsecret-metrics-'));
  let ca = '';
  const certificate: MetricsCertificate = {
    directory,
    async renew() {
      const authority = createCertificateAuthority('metrics');
      const { cert, key } = authority.leaf('127.0.0.1');
      await writeFile(join(directory, 'tls.crt'), cert);
      await writeFile(join(directory, 'tls.key'), key);
      ca = authority.certificatePem;
    },
    async scrape(port, token) {
      const dispatcher = new Agent({ connect: { ca } });
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const url = `https://127.0.0.1:${port}/metrics`;
      try {
        const { statusCode, body } = await request(url, { dispatcher, headers });
        return { status: statusCode, text: await body.text() };
      } finally {
        await dispatcher.close();
      }
    },
    remove: async () => rm(directory, { recursive: true }),
  };
  await certificate.renew();
  return certificate;
}
