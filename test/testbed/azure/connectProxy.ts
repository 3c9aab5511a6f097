import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Where a CONNECT to a host goes: a local port, nowhere (no such name), or it is refused. */
export type ProxyTarget =
  | { kind: 'connect'; port: number }
  | { kind: 'unknownHost' }
  | { kind: 'refused' };

export interface ConnectProxy {
  server: Server;
  /** Tunnels are no connections of the server any more once it has handed them over. */
  destroyTunnels(): void;
}

/** HTTP CONNECT proxy: unmodified clients reach the stand-in under the real host names by it. */
export function createConnectProxy(
  targetOf: (host: string, port: number) => ProxyTarget,
): ConnectProxy {
  const tunnels = new Set<Duplex>();
  const server = createServer((_request, response) => {
    response.writeHead(403, { 'content-type': 'text/plain' });
    response.end('This proxy serves CONNECT to Azure host names only.\n');
  });
  server.on('connect', (request, client, head) => {
    const [host = '', port = '443'] = (request.url ?? '').split(':');
    const target = targetOf(host.toLowerCase(), Number(port));
    if (target.kind !== 'connect') {
      const line = target.kind === 'refused' ? '403 Forbidden' : '502 Bad Gateway';
      client.end(`HTTP/1.1 ${line}\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(target.port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) upstream.write(head);
      join(client, upstream);
    });
    for (const side of [client, upstream]) {
      tunnels.add(side);
      side.once('close', () => tunnels.delete(side));
    }
    upstream.once('error', () => client.destroy());
  });
  const destroyTunnels = (): void => {
    for (const side of tunnels) side.destroy();
  };
  return { server, destroyTunnels };
}

function join(client: Duplex, upstream: Socket): void {
  client.pipe(upstream);
  upstream.pipe(client);
  client.on('error', () => upstream.destroy());
  client.on('close', () => upstream.destroy());
  upstream.on('close', () => client.destroy());
}
