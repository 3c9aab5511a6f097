import { createServer, type RequestListener, type Server } from 'node:http';
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

/** By this address the SDK for Go asks for tokens of managed identities, and no setting gives it another. */
const instanceMetadata = 'http://169.254.169.254';

const refuse: RequestListener = (_request, response) => {
  response.writeHead(403, { 'content-type': 'text/plain' });
  response.end('This proxy serves Azure host names only.\n');
};

/**
 * HTTP CONNECT proxy: unmodified clients reach the stand-in under the real host names by it, and the instance
 * metadata service, which is plain HTTP, under its real address.
 */
export function createConnectProxy(
  targetOf: (host: string, port: number) => ProxyTarget,
  answerInstanceMetadata: RequestListener = refuse,
): ConnectProxy {
  const tunnels = new Set<Duplex>();
  const server = createServer((request, response) => {
    const { origin, pathname, search } = new URL(request.url ?? '/', 'http://unknown');
    if (origin === instanceMetadata) {
      request.url = `${pathname}${search}`;
      answerInstanceMetadata(request, response);
      return;
    }
    refuse(request, response);
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
