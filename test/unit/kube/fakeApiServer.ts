import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadKubeConfig, type PooledKubeConfig } from '../../../src/kube/config.ts';
import { createManualClock, type ManualClock } from '../../support/manualClock.ts';
import { createCertificateAuthority } from '../../testbed/azure/certificateAuthority.ts';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export type Answer = (request: ReceivedRequest, response: ServerResponse) => void;

/** A server of HTTPS that says what a test tells it to: for the transport only, it knows nothing of Kubernetes. */
export interface FakeApiServer {
  readonly url: string;
  /** Everything that was asked, oldest first. */
  readonly requests: ReceivedRequest[];
  /** How many TCP connections were made. */
  readonly connections: () => number;
  /** A new folder for kubeconfigs, tokens and certificates. */
  readonly directory: string;
  readonly certificatePem: string;
  answer: Answer;
  /** Of the loaded kubeconfigs. */
  readonly clock: ManualClock;
  /** A kubeconfig for the server with these further entries, loaded. */
  config(user?: object, cluster?: object): PooledKubeConfig;
  close(): Promise<void>;
}

const authority = createCertificateAuthority('fake API server CA');
export const { certificatePem } = authority;

export async function startFakeApiServer(
  answer: Answer = json(200, {}),
  tls: ServerOptions = authority.leaf('127.0.0.1'),
): Promise<FakeApiServer> {
  const directory = mkdtempSync(join(tmpdir(), 'vaultsecret-kube-'));
  const requests: ReceivedRequest[] = [];
  const clock = createManualClock(0);
  let connections = 0;
  const server = createServer(tls, (request, response) => {
    receive(request).then(
      (received) => {
        requests.push(received);
        fake.answer(received, response);
      },
      () => response.destroy(),
    );
  });
  server.on('secureConnection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const url = `https://127.0.0.1:${port}`;

  const fake: FakeApiServer = {
    url,
    requests,
    connections: () => connections,
    directory,
    certificatePem,
    answer,
    clock,
    config(user = {}, cluster = {}) {
      const file = join(directory, `kubeconfig-${requests.length}.json`);
      writeFileSync(file, JSON.stringify(kubeconfig(url, user, cluster)));
      return loadKubeConfig([file], clock);
    },
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      rmSync(directory, { recursive: true });
    },
  };
  return fake;
}

export function kubeconfig(server: string, user: object, cluster: object): object {
  const certificateAuthority = {
    'certificate-authority-data': Buffer.from(certificatePem).toString('base64'),
  };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster: { server, ...certificateAuthority, ...cluster } }],
    users: [{ name: 'test', user }],
  };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString('utf8');
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://localhost');
  return {
    method: request.method ?? '',
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: request.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}
