import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createExposition } from '../../../src/observability/exposition.ts';
import { ListenError } from '../../../src/observability/listen.ts';
import { createMetrics } from '../../../src/observability/metrics.ts';
import { serveSecureMetrics } from '../../../src/observability/secureMetrics.ts';
import type { ObservabilityServer } from '../../../src/observability/server.ts';
import type { Log } from '../../../src/ports/system.ts';
import type { ScrapeVerdict } from '../../../src/ports/scrapes.ts';
import { createManualClock } from '../../support/manualClock.ts';
import {
  createCertificateAuthority,
  type CertificateAuthority,
} from '../../testbed/azure/certificateAuthority.ts';

const clock = createManualClock(0);
let directory: string;
let authority: CertificateAuthority;
let server: ObservabilityServer;
let logged: string[];
let review: () => Promise<ScrapeVerdict>;

const log: Log = {
  debug: () => undefined,
  info: (message) => void logged.push(message),
  warn: (message, fields) => void logged.push(`${message} ${JSON.stringify(fields ?? {})}`),
  error: (message) => void logged.push(message),
  child: () => log,
};

const serve = async (port = 0): Promise<ObservabilityServer> =>
  serveSecureMetrics({
    host: '127.0.0.1',
    port,
    certificateDirectory: directory,
    metrics: createExposition(createMetrics('1', createManualClock(0)).registry, clock),
    reviewer: { review: async () => review() },
    clock,
    log,
  });

async function writeCertificate(): Promise<void> {
  authority = createCertificateAuthority('metrics');
  const { cert, key } = authority.leaf('127.0.0.1');
  await writeFile(join(directory, 'tls.crt'), cert);
  await writeFile(join(directory, 'tls.key'), key);
}

beforeEach(async () => {
  logged = [];
  review = async () => 'allowed';
  directory = await mkdtemp(join(tmpdir(), 'vaultsecret-metrics-'));
  await writeCertificate();
  server = await serve();
});
afterEach(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

async function ask(path: string, options: { method?: string; token?: string } = {}) {
  const dispatcher = new Agent({ connect: { ca: authority.certificatePem } });
  const { method = 'GET', token = 'a-token' } = options;
  try {
    const { statusCode, headers, body } = await request(`https://127.0.0.1:${server.port}${path}`, {
      method: method === 'POST' ? 'POST' : 'GET',
      dispatcher,
      headers: token === '' ? {} : { authorization: `Bearer ${token}` },
    });
    return { status: statusCode, asks: headers['www-authenticate'], text: await body.text() };
  } finally {
    await dispatcher.close();
  }
}

describe('the metrics behind TLS', () => {
  test('are given to whoever may get them', async () => {
    expect(await ask('/metrics')).toMatchObject({
      status: 200,
      text: expect.stringContaining('# TYPE leader_election_master_status gauge'),
    });
  });

  test.each<[status: number, verdict: ScrapeVerdict, asks?: string]>([
    [401, 'unknown', 'Bearer'],
    [403, 'forbidden'],
  ])('are answered with %d to who is %s', async (status, verdict, asks) => {
    review = async () => verdict;

    const answer = await ask('/metrics');

    expect(answer).toMatchObject({ status, asks });
    expect(answer.text).not.toContain('# TYPE');
  });

  test('ask for a token', async () => {
    expect(await ask('/metrics', { token: '' })).toMatchObject({ status: 401, asks: 'Bearer' });
  });

  test('are kept when nobody can tell who may get them; the log does not say the token', async () => {
    review = async () => {
      throw new TypeError('a-token');
    };

    expect(await ask('/metrics')).toMatchObject({ status: 503 });
    expect(logged).toEqual(['scrape not reviewed {"error":"TypeError"}']);
  });

  test('are all that is there', async () => {
    expect(await ask('/readyz')).toMatchObject({ status: 404 });
    expect(await ask('/log-level')).toMatchObject({ status: 404 });
    expect(await ask('/metrics', { method: 'POST' })).toMatchObject({ status: 405 });
  });
});

/** Reading files takes turns of the event loop that no clock counts. */
async function untilLogged(message: string): Promise<void> {
  await expect.poll(() => logged, { interval: 5 }).toContain(message);
}

describe('their certificate', () => {
  test('is followed when it is renewed', async () => {
    await writeCertificate();
    await expect(ask('/metrics')).rejects.toThrow('certificate');

    await clock.advance(10_000);
    await untilLogged('metrics certificate renewed');

    expect(await ask('/metrics')).toMatchObject({ status: 200 });
  });

  test('stays in use while its successor is broken, and is followed afterwards', async () => {
    await writeFile(join(directory, 'tls.key'), 'half a ke');
    await clock.advance(10_000);
    await untilLogged('metrics certificate not renewed {}');
    expect(await ask('/metrics')).toMatchObject({ status: 200 });

    await writeCertificate();
    await expect
      .poll(async () => clock.advance(10_000).then(() => logged), { interval: 5 })
      .toContain('metrics certificate renewed');
    expect(await ask('/metrics')).toMatchObject({ status: 200 });
  });

  test.each<[what: string, spoil: () => Promise<void>, says: RegExp]>([
    [
      'is missing',
      async () => rm(join(directory, 'tls.crt')),
      /^tls.crt and tls.key in \S+ cannot be read; choose another with --metrics-cert-dir$/,
    ],
    [
      'is broken',
      async () => writeFile(join(directory, 'tls.crt'), 'no certificate'),
      /^tls.crt and tls.key in \S+ are no certificate with its key in PEM; choose another/,
    ],
  ])('that %s at the start is told', async (_, spoil, says) => {
    await spoil();

    await expect(serve()).rejects.toThrow(
      expect.objectContaining({ message: expect.stringMatching(says) }),
    );
    await expect(serve()).rejects.toThrow(ListenError);
  });

  test('is of no use on a port that is taken', async () => {
    await expect(serve(server.port)).rejects.toThrow(/choose another with --metrics-listen$/);
  });
});
