import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as send } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createCertificateAuthority } from './azure/certificateAuthority.ts';
import type { KubeClient } from './kubeClient.ts';
import { writeKubeconfig } from './kubeconfigFile.ts';

export interface ProxiedWrite {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** May hold values. */
  readonly body: string;
}

/** Whether the answer of a write reaches the client. */
export type Delivery = 'answered' | 'lost';

/** Stands around each write: calls `forward` or not, before or after whatever else it does. */
export type AroundWrite = (write: ProxiedWrite, forward: () => Promise<void>) => Promise<Delivery>;

/** What the API server said, whether it reaches the client or not. */
export interface ProxiedAnswer {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly status: number;
  /** The body of a 403; else empty. */
  readonly refusal: string;
}

export interface ApiServerProxy {
  /** Leads through the proxy, with the credentials of the token file. */
  readonly kubeconfig: string;
  around: AroundWrite;
  /** What a read or watch waits for, by path and query, before it reaches the API server. */
  beforeRead: (url: string) => Promise<void>;
  /** Hears of each answer before the client does. */
  heard: (answer: ProxiedAnswer) => void;
  close(): Promise<void>;
}

export interface ApiServerProxyOptions {
  /** Knows the cluster. */
  readonly kube: KubeClient;
  readonly tokenFile: string;
  /** Where the kubeconfig is written. */
  readonly kubeconfig: string;
}

const forwardAll: AroundWrite = async (_write, forward) => {
  await forward();
  return 'answered';
};

/** A way to the API server on which a test can stop time at each write. */
export async function startApiServerProxy(options: ApiServerProxyOptions): Promise<ApiServerProxy> {
  const { cluster } = options.kube;
  const upstream = new URL(cluster.server);
  const ca =
    cluster.caData === undefined
      ? cluster.caFile && readFileSync(cluster.caFile)
      : Buffer.from(cluster.caData, 'base64');
  const agent = new Agent({ keepAlive: true, ca });
  const authority = createCertificateAuthority('API server proxy of the test bed');
  const server = createServer(authority.leaf('127.0.0.1'), (request, response) => {
    pass(request, response).catch(() => response.destroy());
  });

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const body = await buffer(request);
    if (method === 'GET') {
      await proxy.beforeRead(request.url ?? '/');
      await passRead(await ask(request, response, body), request, response);
      return;
    }
    const [path = '/', query = ''] = (request.url ?? '/').split('?');
    const write = { method, path, query, headers: request.headers, body: body.toString('utf8') };
    const answer = Promise.withResolvers<{ readonly status: number; readonly body: Buffer }>();
    const delivery = await proxy.around(write, async () => {
      const upstreamAnswer = await ask(request, response, body);
      const status = upstreamAnswer.statusCode ?? 502;
      const answerBody = await buffer(upstreamAnswer);
      hear(request, status, answerBody);
      answer.resolve({ status, body: answerBody });
    });
    if (delivery === 'lost') {
      response.destroy();
      return;
    }
    const { status, body: text } = await answer.promise;
    response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  }

  async function passRead(
    answer: IncomingMessage,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const status = answer.statusCode ?? 502;
    const isRefused = status === 403;
    const refusal = isRefused ? await buffer(answer) : undefined;
    hear(request, status, refusal);
    response.writeHead(status, { 'content-type': 'application/json' });
    if (isRefused) response.end(refusal);
    else answer.pipe(response);
  }

  function hear({ method = '', url = '' }: IncomingMessage, status: number, body?: Buffer): void {
    proxy.heard({ method, url, status, refusal: status === 403 ? String(body) : '' });
  }

  async function ask(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): Promise<IncomingMessage> {
    const { method, url, headers } = request;
    const forwarded = send(new URL(url ?? '/', upstream), {
      method,
      agent,
      headers: { ...headers, host: upstream.host },
    });
    // Not on the socket, which outlives its requests and would collect a listener from each.
    response.once('close', () => forwarded.destroy());
    forwarded.end(body);
    const [answer]: IncomingMessage[] = await once(forwarded, 'response');
    if (answer === undefined) throw new Error('the API server did not answer');
    return answer;
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const caData = Buffer.from(authority.certificatePem).toString('base64');
  const kubeconfigCluster = { server: `https://127.0.0.1:${port}`, caData };
  await writeKubeconfig(options.kubeconfig, kubeconfigCluster, { tokenFile: options.tokenFile });

  const proxy: ApiServerProxy = {
    kubeconfig: options.kubeconfig,
    around: forwardAll,
    beforeRead: async () => undefined,
    heard: () => undefined,
    async close() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
  return proxy;
}
