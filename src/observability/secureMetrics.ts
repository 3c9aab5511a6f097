import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { ScrapeReviewer } from '../ports/scrapes.ts';
import type { Clock, Log } from '../ports/system.ts';
import type { Exposition } from './exposition.ts';
import { listen, type Listening } from './listen.ts';
import { createScrapeGate, type ScrapeGate } from './scrapeGate.ts';
import type { ObservabilityServer } from './server.ts';
import { followRenewals, readServingCertificate } from './servingCertificate.ts';

export interface SecureMetricsDeps extends Listening {
  /** With tls.crt and tls.key. */
  readonly certificateDirectory: string;
  readonly metrics: Exposition;
  readonly reviewer: ScrapeReviewer;
  readonly clock: Clock;
  readonly log: Log;
}

/** Serves /metrics over TLS to whoever may get it in the cluster, and nothing to anybody else. @throws ListenError */
export async function serveSecureMetrics(deps: SecureMetricsDeps): Promise<ObservabilityServer> {
  const { certificateDirectory: directory, clock, log } = deps;
  const current = await readServingCertificate(directory);
  const gate = createScrapeGate(deps);
  const server = createServer(current, (request, response) => {
    answer(deps, gate, request, response).catch(() => response.destroy());
  });
  const port = await listen(server, deps, '--metrics-listen');
  const use = server.setSecureContext.bind(server);
  const endRenewals = followRenewals({ directory, current, clock, log, use });
  return {
    port,
    async close() {
      endRenewals();
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

async function answer(
  { metrics, log }: SecureMetricsDeps,
  gate: ScrapeGate,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0];
  if (path !== '/metrics') return end(response, 404, 'not found');
  if (request.method !== 'GET') return end(response.setHeader('allow', 'GET'), 405, 'GET only');
  let verdict;
  try {
    verdict = await gate(request.headers.authorization);
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown.name : typeof thrown;
    log.warn('scrape not reviewed', { error });
    return end(response, 503, 'the API server does not tell who may get /metrics');
  }
  switch (verdict) {
    case 'unknown':
      return end(response.setHeader('www-authenticate', 'Bearer'), 401, 'send a bearer token');
    case 'forbidden':
      return end(response, 403, 'needs the right to get the nonResourceURL /metrics');
    case 'allowed':
      response.setHeader('content-type', metrics.contentType);
      response.end(await metrics.render());
  }
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status).end(`${text}\n`);
}
