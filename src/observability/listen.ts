import type { Server } from 'node:net';
import { limitConnections } from './connectionLimit.ts';

export interface Listening {
  readonly host: string;
  readonly port: number;
}

export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** `flag`: by which another address is chosen. Returns the port. @throws ListenError when it is taken */
export async function listen(
  server: Server,
  { host, port }: Listening,
  flag: string,
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const code = 'code' in cause ? String(cause.code) : cause.message;
      const message = `cannot listen on ${host}:${port} (${code}); choose another with ${flag}`;
      reject(new ListenError(message, { cause }));
    });
    server.listen(port, host, resolve);
  });
  limitConnections(server);
  // A scrape that cannot be accepted (EMFILE) is no reason to end the controller.
  server.on('error', () => undefined);
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
