import { request as send, type Dispatcher } from 'undici';
import { KubeApiError } from '../ports/kube.ts';
import type { ApiServerMetrics } from '../ports/metrics.ts';
import { readAnswer, type SizedAnswer } from './answer.ts';
import type { PooledKubeConfig, RequestCredentials } from './config.ts';
import { refusal } from './refusal.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

/** Answers carry metadata only, so no value comes back: https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
export const partialMetadata = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
export const partialMetadataList =
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/**
 * The one way to the API server: client-node's credentials and configuration without its typed layer.
 * Guarantees: a request that was sent ends within the time-out; what went wrong is a KubeApiError, or
 * the reason of the request's own signal.
 */
export interface ApiClient {
  /** The parsed answer. @throws KubeApiError */
  send(request: ApiRequest): Promise<unknown>;
  /** The same with its size. @throws AnswerTooLargeError when it has more bytes, KubeApiError */
  sendSized(request: ApiRequest, maxBytes: number): Promise<SizedAnswer>;
  /** The answer as it comes in, for watches. It may be silent for as long as its reader bears. @throws KubeApiError, also while it is read */
  stream(request: ApiRequest): Promise<AsyncIterable<Uint8Array>>;
}

export interface ApiClientOptions {
  /** For the answer to begin, and between two parts of it. The API server itself gives up after 60 s. */
  readonly timeoutMs?: number;
  readonly metrics?: ApiServerMetrics;
}

export function createApiClient(
  config: PooledKubeConfig,
  { timeoutMs = 30_000, metrics }: ApiClientOptions = {},
): ApiClient {
  const open = async (
    request: ApiRequest,
    bodyTimeoutMs: number,
  ): Promise<Dispatcher.ResponseData['body']> => {
    const url = urlOf(request, config.serverUrl());
    const count = (code: string): void => metrics?.requested(request.method, code, url.host);
    const sending = send(url, {
      ...exchangeOf(request, await credentialsOf(config)),
      headersTimeout: timeoutMs,
      bodyTimeout: bodyTimeoutMs,
    });
    const response = await counted(unlessAborted(sending, request.signal), count);
    if (response.statusCode < 400) return response.body;
    if (response.statusCode === 401) config.refused();
    throw refusal(response, await response.body.text(), request.path);
  };

  const sendSized = async (request: ApiRequest, maxBytes: number): Promise<SizedAnswer> => {
    try {
      return await readAnswer(await open(request, timeoutMs), maxBytes);
    } catch (thrown) {
      throw failureOf(thrown, request);
    }
  };

  return {
    send: async (request) => (await sendSized(request, Infinity)).answer,
    sendSized,
    async stream(request) {
      try {
        return parts(await open(request, 0), request);
      } catch (thrown) {
        throw failureOf(thrown, request);
      }
    },
  };
}

/** As client-go counts them: a request without an answer has the code `<error>`. */
async function counted(
  sending: Promise<Dispatcher.ResponseData>,
  count: (code: string) => void,
): Promise<Dispatcher.ResponseData> {
  try {
    const response = await sending;
    count(String(response.statusCode));
    return response;
  } catch (thrown) {
    count('<error>');
    throw thrown;
  }
}

/** undici 8 heeds a signal only once it is connected, for which it may wait 10 s. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function* parts(
  body: AsyncIterable<Uint8Array>,
  request: ApiRequest,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (thrown) {
    throw failureOf(thrown, request);
  }
}

async function credentialsOf(config: PooledKubeConfig): Promise<RequestCredentials> {
  try {
    return await config.credentials();
  } catch (cause) {
    const message = `no credentials for the API server: ${codeOf(cause)}${fileOf(cause)}`;
    throw new KubeApiError({ status: 0, reason: '', message, cause });
  }
}

function urlOf({ path, query = {} }: ApiRequest, serverUrl: string): URL {
  // The server may stand behind a path of its own, as Rancher's do.
  const url = new URL(serverUrl.replace(/\/$/, '') + path);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

function exchangeOf(request: ApiRequest, { headers, dispatcher }: RequestCredentials) {
  const { method, accept = 'application/json', body, contentType, signal } = request;
  return {
    method,
    dispatcher,
    headers: {
      ...headers,
      accept,
      'user-agent': 'vaultsecret',
      ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** Undefined instead of a 404. */
export async function ifFound<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (thrown) {
    if (thrown instanceof KubeApiError && thrown.status === 404) return undefined;
    throw thrown;
  }
}

function failureOf(thrown: unknown, { signal }: ApiRequest): unknown {
  if (thrown instanceof KubeApiError || signal?.aborted === true) return thrown;
  return new KubeApiError({
    status: 0,
    reason: '',
    message: `no answer from the API server: ${codeOf(thrown)}`,
    cause: thrown,
  });
}

/** Which file could not be read, or command not be run. */
function fileOf(cause: unknown): string {
  return cause instanceof Error && 'path' in cause && typeof cause.path === 'string'
    ? ` ${cause.path}`
    : '';
}

/** A short word such as ECONNREFUSED: a message could hold anything. */
function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown;
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.name;
}
