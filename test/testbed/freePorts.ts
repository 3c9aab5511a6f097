import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/**
 * Below the ports that Linux and macOS give to outgoing connections, which come and go by thousands while tests run and
 * would take a port between its finding and its use.
 */
const firstPort = 15_000;
const portCount = 17_000;

/** Different ports of 127.0.0.1 that were free a moment ago: whoever uses one must expect to lose it. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listenSomewhere));
  const ports = servers.map(portOf);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

async function listenSomewhere(): Promise<Server> {
  for (let tries = 0; tries < 100; tries += 1) {
    const server = await listen(firstPort + randomInt(portCount)).catch(() => undefined);
    if (server !== undefined) return server;
  }
  throw new Error('no port of 127.0.0.1 is free');
}

/** The wished port if it is free, else any. */
export async function findFreePort(wished: number): Promise<number> {
  const server = await listen(wished).catch(() => listen(0));
  const port = portOf(server);
  await new Promise((closed) => server.close(closed));
  return port;
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}
