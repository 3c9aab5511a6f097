import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Exposition } from './exposition.ts';
import { listen, type Listening } from './listen.ts';

export interface ObservabilityServerDeps extends Listening {
  /** Undefined: /metrics is served elsewhere. */
  readonly metrics: Exposition | undefined;
  /** What hangs, in one line without a name of a tenant's object; undefined while the process makes progress. */
  readonly hanging: () => string | undefined;
  /** Informers are synced and the queue is filled. */
  readonly isReady: () => boolean;
  /** False when there is no such level. */
  readonly setLogLevel: (level: string) => boolean;
}

export interface ObservabilityServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves /metrics, /healthz, /readyz, and /log-level to whoever is on this host or pod. @throws ListenError when the port is taken */
export async function serveObservability(
  deps: ObservabilityServerDeps,
): Promise<ObservabilityServer> {
  const server = createServer((request, response) => {
    answer(deps, request, response).catch(() => response.destroy());
  });
  return {
    port: await listen(server, deps, '--listen'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  deps: ObservabilityServerDeps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0];
  const { metrics } = deps;
  if (path === '/metrics' && metrics !== undefined) {
    const text = await metrics.render();
    response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
    return;
  }
  if (path === '/log-level') return changeLogLevel(deps, request, response);
  if (path === '/healthz') return probed(response, deps.hanging());
  if (path === '/readyz') return probed(response, deps.isReady() ? undefined : 'not yet');
  response.writeHead(404).end('not found\n');
}

function probed(response: ServerResponse, problem: string | undefined): void {
  response.writeHead(problem === undefined ? 200 : 503).end(`${problem ?? 'ok'}\n`);
}

/**
 * The metrics port is open to the cluster, and debug lines cost: only a request from loopback counts, which is
 * where `kubectl port-forward` comes from, and that needs a right of its own.
 */
async function changeLogLevel(
  { setLogLevel }: ObservabilityServerDeps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!loopback.has(request.socket.remoteAddress ?? '')) {
    response.writeHead(403).end('only through kubectl port-forward\n');
    return;
  }
  if (request.method !== 'PUT') {
    response.writeHead(405, { allow: 'PUT' }).end('PUT a level, for example debug\n');
    return;
  }
  const level = (await text(request)).trim();
  if (setLogLevel(level)) response.writeHead(200).end(`${level}\n`);
  else response.writeHead(400).end('must be trace, debug, info, warn, error or fatal\n');
}

const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
