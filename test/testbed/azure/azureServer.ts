import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { vaultAt } from './azureHosts.ts';
import { createCertificateAuthority, type CertificateAuthority } from './certificateAuthority.ts';
import type { StandInState } from './standInState.ts';

/** Longer than any client waits: the stand-in never closes a connection under a request or a handshake. */
const longestWaitMs = 600_000;

export interface AzureServer {
  server: Server;
  /** Connections without a handshake are no connections of the server yet. */
  destroyConnections(): void;
}

/** The one TLS server of all Azure hosts. What a client sees before its request follows the host's switches. */
export function createAzureServer(
  state: StandInState,
  authority: CertificateAuthority,
  handle: RequestListener,
): AzureServer {
  const untrusted = createCertificateAuthority('a CA that nobody trusts');
  const sockets = new Set<Socket>();
  const server = createServer(
    {
      ...authority.leaf('localhost'),
      SNICallback(name, done) {
        const host = name.toLowerCase();
        const vault = vaultAt(state, host);
        if (isSilent(state, host)) {
          state.counts.add({ kind: 'silent', status: 0, vault: vault?.settings.name });
          return;
        }
        const isTrusted = vault?.faults.untrustedCertificate !== true;
        done(null, (isTrusted ? authority : untrusted).secureContext(host));
      },
      handshakeTimeout: longestWaitMs,
      keepAliveTimeout: longestWaitMs,
      requestTimeout: 0,
    },
    handle,
  );
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const destroyConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return { server, destroyConnections };
}

/** Every client of Azure names its host in the handshake, which waits for this callback. */
function isSilent(state: StandInState, host: string): boolean {
  if (state.clouds.ofAuthority(host) !== undefined) return state.entraFaults.silent === true;
  return vaultAt(state, host)?.faults.silent === true;
}
