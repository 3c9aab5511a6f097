import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { createCertificateAuthority } from '../../testbed/azure/certificateAuthority.ts';

const authority = createCertificateAuthority('test CA');
export const caPem = authority.certificatePem;

/** Serves whatever host name it is asked for, with a certificate for it. */
export interface FakeTlsServer {
  readonly port: number;
  /** `SNI Host METHOD path` of each request. */
  readonly requests: string[];
  readonly connections: () => number;
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  close(): Promise<void>;
}

export async function startFakeTlsServer(): Promise<FakeTlsServer> {
  const requests: string[] = [];
  let connections = 0;
  const server = createServer(
    {
      ...authority.leaf('localhost'),
      SNICallback: (host, done) => done(null, authority.secureContext(host)),
    },
    (request, response) => {
      const { socket, headers, method, url } = request;
      const name = 'servername' in socket ? String(socket.servername) : '';
      requests.push(`${name} ${headers.host} ${method} ${url}`);
      fake.answer(request, response);
    },
  );
  server.on('secureConnection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const fake: FakeTlsServer = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    requests,
    connections: () => connections,
    answer: (_request, response) => response.end('{}'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}
