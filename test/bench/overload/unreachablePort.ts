import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOrphanGuard } from '../../testbed/orphanGuard.ts';

/** A port of 127.0.0.1 where packets seem to be dropped: no connection is ever opened. */
export interface UnreachablePort {
  readonly port: number;
  close(): Promise<void>;
}

const listener = `
const server = require('node:net').createServer();
server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => process.send(server.address().port));
`;
/** A handshake on loopback takes less than a millisecond. */
const handshakeMs = 200;
const mostFilling = 16;

/**
 * Linux answers no SYN while the queue of connections that the listener has not accepted is full, and a stopped process
 * accepts none (https://man7.org/linux/man-pages/man2/listen.2.html).
 * @throws Error where connections are opened all the same
 */
export async function startUnreachablePort(): Promise<UnreachablePort> {
  const guard = startOrphanGuard();
  const child = spawn(process.execPath, ['-e', listener], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const filling: Socket[] = [];
  const close = async (): Promise<void> => {
    for (const socket of filling) socket.destroy();
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await guard.release();
  };
  try {
    if (child.pid === undefined) throw new Error('no process listens');
    guard.watch(child.pid);
    const port = await portOf(child);
    child.kill('SIGSTOP');
    while (await isAnswered(port, filling)) {
      if (filling.length > mostFilling) throw new Error(`port ${port} still opens connections`);
    }
    return { port, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function portOf(child: ChildProcess): Promise<number> {
  const [port]: unknown[] = await once(child, 'message');
  if (typeof port !== 'number') throw new Error('the listener has no port');
  return port;
}

/** The connection stays, so that it takes a place in the queue. */
async function isAnswered(port: number, filling: Socket[]): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  filling.push(socket);
  const opened = once(socket, 'connect').then(
    () => true,
    () => false,
  );
  return Promise.race([opened, sleep(handshakeMs).then(() => false)]);
}
