import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Registry } from 'prom-client';
import { listen, type Listening } from './listen.ts';

export interface ObservabilityServerDeps extends Listening {
  /** Undefined: /metrics is served elsewhere. */
  readonly registry: Registry | undefined;
  /** The process makes progress. */
  readonly isHealthy: () => boolean;
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
  const { registry } = deps;
  if (path === '/metrics' && registry !== undefined) {
    const metrics = await registry.metrics();
    response.writeHead(200, { 'content-type': registry.contentType }).end(metrics);
    return;
  }
  if (path === '/log-level') return changeLogLevel(deps, request, response);
  const check =
    path === '/healthz' ? deps.isHealthy : path === '/readyz' ? deps.isReady : undefined;
  if (check === undefined) response.writeHead(404).end('not found\n');
  else if (check()) response.writeHead(200).end('ok\n');
  else response.writeHead(503).end('not yet\n');
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
