import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { metricsPort } from './release.ts';

/** Plays the proxy of Services, which a node of ours has not: whoever connects to this address reaches the pod. */
export async function playService(address: string, podAddress: string): Promise<Disposable> {
  const server = createServer((client) => {
    const pod = connect(metricsPort, podAddress);
    client.pipe(pod).pipe(client);
    client.once('error', () => pod.destroy());
    pod.once('error', () => client.destroy());
  });
  server.listen(metricsPort, address);
  await once(server, 'listening');
  return { [Symbol.dispose]: () => void server.close() };
}
