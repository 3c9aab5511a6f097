import type { Server, Socket } from 'node:net';

/** Of one port. Each costs memory, and any pod may open as many as it likes. */
export const mostConnections = 512;

/**
 * Closes the oldest connection for each one too many. The newest is always let in, unlike by `server.maxConnections`: a
 * probe of the kubelet comes anew each time and needs an instant, so that nobody can keep it out by holding on to theirs.
 */
export function limitConnections(server: Server): void {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    const [oldest] = open;
    if (open.size <= mostConnections || oldest === undefined) return;
    open.delete(oldest);
    oldest.destroy();
  });
}
