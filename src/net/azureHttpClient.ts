import {
  createHttpHeaders,
  RestError,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { request as send, type Dispatcher } from 'undici';
import type { NetMetrics } from '../ports/metrics.ts';
import { reveal } from '../core/redacted.ts';
import type { Clock } from '../ports/system.ts';
import { createDispatchers, type Route } from './dispatcher.ts';
import { createHostBreaker, NotAnsweringError } from './hostBreaker.ts';

export interface AzureHttpClientOptions extends Route {
  /** After this a request fails, whatever the far side does. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly metrics: NetMetrics;
}

/**
 * The one way to Azure, shared by all clients, so that connections are counted by host and not by client.
 * Guarantees: TLS only; never follows a redirect; a failure is a RestError of one short word, without the
 * request that it would otherwise hold; a host that does not answer costs the others nothing.
 */
export function createAzureHttpClient(options: AzureHttpClientOptions): HttpClient {
  const { clock, timeoutMs, metrics } = options;
  const dispatcherOf = createDispatchers(options);
  const breaker = createHostBreaker(clock, metrics);
  const proxyUrl = options.proxy && new URL(reveal(options.proxy.url));
  return {
    async sendRequest(request) {
      try {
        const { protocol, hostname } = new URL(request.url);
        if (protocol !== 'https:') throw new RestError('NOT_TLS', { code: 'NOT_TLS' });
        const dispatcher = dispatcherOf(hostname);
        return await breaker.run(hostname, async () => {
          using deadline = startDeadline(clock, timeoutMs, request.abortSignal);
          return await exchange(request, dispatcher, deadline.signal);
        });
      } catch (thrown) {
        const code = wordFor(thrown, proxyUrl);
        throw new RestError(code, { code });
      }
    },
  };
}

async function exchange(
  request: PipelineRequest,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<PipelineResponse> {
  const { statusCode, headers, body } = await send(request.url, {
    method: request.method,
    headers: headersOf(request),
    body: bodyOf(request),
    signal,
    dispatcher,
  });
  const received = createHttpHeaders();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) received.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return { request, status: statusCode, headers: received, bodyAsText: await body.text() };
}

/** The pipeline offers compression and leaves it to the client to undo it; answers are small. */
function headersOf(request: PipelineRequest): Record<string, string> {
  const { 'accept-encoding': _, ...headers } = request.headers.toJSON();
  return headers;
}

function bodyOf({ body }: PipelineRequest): string | null {
  if (body === undefined || body === null) return null;
  if (typeof body === 'string') return body;
  throw new RestError('BODY_NOT_TEXT', { code: 'BODY_NOT_TEXT' });
}

interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/** Leaves nothing behind: neither a timer nor a listener on the caller's signal. */
function startDeadline(
  clock: Clock,
  timeoutMs: number,
  caller: PipelineRequest['abortSignal'],
): Deadline {
  const abort = new AbortController();
  const giveUp = (): void => abort.abort();
  const cancel = clock.schedule(timeoutMs, () =>
    abort.abort(new RestError('TIMEOUT', { code: 'ETIMEDOUT' })),
  );
  if (caller?.aborted === true) giveUp();
  caller?.addEventListener('abort', giveUp);
  return {
    signal: abort.signal,
    [Symbol.dispose]() {
      cancel();
      caller?.removeEventListener('abort', giveUp);
    },
  };
}

/** A short word such as ENOTFOUND or AbortError: safe to show. */
function wordFor(thrown: unknown, proxyUrl: URL | undefined): string {
  if (!(thrown instanceof Error)) return 'UNKNOWN';
  // Those who come after are told what those before them met.
  if (thrown instanceof NotAnsweringError && thrown.cause !== undefined)
    return wordFor(thrown.cause, proxyUrl);
  const refusal = /^Proxy response \((\d{3})\)/.exec(thrown.message);
  if (refusal !== null) return `PROXY_${refusal[1]}`;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.name;
  return proxyUrl !== undefined && isAbout(thrown, proxyUrl) ? `PROXY_${code}` : code;
}

/** Node names the host that it looked up, or the port that it connected to. */
function isAbout(error: Error, { hostname, port, protocol }: URL): boolean {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error)) return false;
  if ('hostname' in first) return first.hostname === hostname;
  return 'port' in first && String(first.port) === (port || defaultPorts[protocol]);
}

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
