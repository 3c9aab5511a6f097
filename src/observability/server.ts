import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';

export interface ObservabilityServerDeps {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  /** The process makes progress. */
  readonly isHealthy: () => boolean;
  /** Informers are synced and the queue is filled. */
  readonly isReady: () => boolean;
}

export interface ObservabilityServer {
  readonly port: number;
  close(): Promise<void>;
}

export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Serves /metrics, /healthz and /readyz. @throws ListenError when the port is taken */
export async function serveObservability(
  deps: ObservabilityServerDeps,
): Promise<ObservabilityServer> {
  const server = createServer((request, response) => {
    answer(deps, request, response).catch(() => response.destroy());
  });
  await listen(server, deps);
  // A scrape that cannot be accepted (EMFILE) is no reason to end the controller.
  server.on('error', () => undefined);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : deps.port,
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
  if (path === '/metrics') {
    const text = await deps.registry.metrics();
    response.writeHead(200, { 'content-type': deps.registry.contentType }).end(text);
    return;
  }
  const check =
    path === '/healthz' ? deps.isHealthy : path === '/readyz' ? deps.isReady : undefined;
  if (check === undefined) response.writeHead(404).end('not found\n');
  else if (check()) response.writeHead(200).end('ok\n');
  else response.writeHead(503).end('not yet\n');
}

function listen(server: Server, { host, port }: ObservabilityServerDeps): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const code = 'code' in cause ? String(cause.code) : cause.message;
      reject(
        new ListenError(
          `cannot listen on ${host}:${port} (${code}); choose another with --listen`,
          { cause },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
}
