import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { KubeConfig, type Cluster } from '@kubernetes/client-node';
import { Agent, request as send, type Dispatcher } from 'undici';
import { z } from 'zod';

export interface KubeRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

const statusSchema = z.looseObject({
  reason: z.string().default(''),
  message: z.string().default(''),
  details: z
    .looseObject({
      causes: z
        .array(
          z.looseObject({
            reason: z.string().optional(),
            field: z.string().optional(),
            message: z.string().optional(),
          }),
        )
        .default([]),
    })
    .optional(),
});

/** A request that the API server refused. */
export class KubeRequestError extends Error {
  override readonly name = 'KubeRequestError';
  readonly status: number;
  /** Of the Status object, for example Conflict or Forbidden. */
  readonly reason: string;
  readonly causes: readonly { reason?: string | undefined; field?: string | undefined }[];

  constructor(status: number, body: string) {
    const parsed = statusSchema.safeParse(parseJson(body)).data;
    super(`${status} ${parsed?.message ?? ''}`.trim());
    this.status = status;
    this.reason = parsed?.reason ?? '';
    this.causes = parsed?.details?.causes ?? [];
  }
}

/**
 * The API server as a test sees it: raw JSON and no code of `src`, so that what a test reads does not
 * depend on what it tests.
 */
export class KubeTransport {
  readonly cluster: Cluster;
  readonly #config = new KubeConfig();
  #dispatcher: Agent | undefined;

  constructor(kubeconfig: string) {
    this.#config.loadFromFile(kubeconfig);
    const cluster = this.#config.getCurrentCluster();
    if (cluster === null) throw new Error(`${kubeconfig} has no current context with a cluster`);
    this.cluster = cluster;
  }

  /** The parsed answer. @throws KubeRequestError */
  async send(request: KubeRequest): Promise<unknown> {
    const { body } = await this.open(request);
    return parseJson(await body.text());
  }

  /** The answer as it comes in. @throws KubeRequestError */
  async open(request: KubeRequest): Promise<Dispatcher.ResponseData> {
    const response = await send(urlOf(request, this.cluster.server), {
      ...exchangeOf(request, await this.#credentials()),
      // A watch may be silent for as long as nothing changes.
      bodyTimeout: 0,
    });
    if (response.statusCode < 400) return response;
    throw new KubeRequestError(response.statusCode, await response.body.text());
  }

  async close(): Promise<void> {
    await this.#dispatcher?.destroy();
  }

  /** client-node knows all ways to authenticate; its own requests would open a connection each. */
  async #credentials(): Promise<Credentials> {
    const options: RequestOptions = {};
    await this.#config.applyToHTTPSOptions(options);
    this.#dispatcher ??= new Agent({ allowH2: false, connect: tlsOf(options) });
    return { headers: stringsOf(options.headers), dispatcher: this.#dispatcher };
  }
}

interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

function urlOf({ path, query = {} }: KubeRequest, server: string): URL {
  const url = new URL(path, server);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url;
}

function exchangeOf(request: KubeRequest, { headers, dispatcher }: Credentials) {
  const { method = 'GET', accept = 'application/json', contentType = 'application/json' } = request;
  const { body, signal } = request;
  return {
    method,
    dispatcher,
    headers: { ...headers, accept, ...(body === undefined ? {} : { 'content-type': contentType }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  };
}

function tlsOf({ ca, cert, key, rejectUnauthorized, servername }: RequestOptions) {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    ...(servername === undefined ? {} : { servername }),
  };
}

/** A token file may end in a line break, which no header may hold. */
function stringsOf(
  headers: OutgoingHttpHeaders | readonly string[] | undefined,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name, String(value).trim()]),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
