import {
  createHttpHeaders,
  RestError,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { Agent, buildConnector, EnvHttpProxyAgent, request as send, type Dispatcher } from 'undici';
import { findResolveRule, type ResolveRule } from './resolve.ts';

export interface AzureHttpClientOptions {
  readonly resolve: readonly ResolveRule[];
  /** PEM text of further certificate authorities, in addition to Node's own. */
  readonly certificateAuthorities?: readonly string[];
  /** After this a request fails, whatever the far side does. */
  readonly timeoutMs: number;
}

/**
 * The one way to Azure, shared by all clients, so that connections are counted by host and not by client.
 * Guarantees: TLS only, never follows a redirect, honours HTTPS_PROXY and NO_PROXY unless a host is resolved by hand.
 */
export function createAzureHttpClient(options: AzureHttpClientOptions): HttpClient {
  const dispatcher = createDispatcher(options);
  return {
    async sendRequest(request) {
      const url = new URL(request.url);
      if (url.protocol !== 'https:')
        throw new RestError(`refused to send a request without TLS to ${url.hostname}`, {
          request,
        });
      try {
        const response = await send(url, sendOptions(request, options.timeoutMs, dispatcher));
        return await pipelineResponse(request, response);
      } catch (cause) {
        throw new RestError(causeCode(cause), { code: causeCode(cause), request });
      }
    },
  };
}

function createDispatcher({ resolve, certificateAuthorities }: AzureHttpClientOptions): Dispatcher {
  const tls = certificateAuthorities === undefined ? {} : { ca: [...certificateAuthorities] };
  if (resolve.length === 0) return new EnvHttpProxyAgent({ requestTls: tls, connect: tls });
  const connect = buildConnector(tls);
  return new Agent({
    connect: (target, callback) => {
      const rule = findResolveRule(resolve, target.hostname);
      if (rule === undefined) connect(target, callback);
      else
        connect(
          {
            ...target,
            servername: target.hostname,
            hostname: rule.address,
            host: rule.address,
            port: String(rule.port),
          },
          callback,
        );
    },
  });
}

function sendOptions(request: PipelineRequest, timeoutMs: number, dispatcher: Dispatcher) {
  const timeout = AbortSignal.timeout(timeoutMs);
  const caller = request.abortSignal;
  const abort = new AbortController();
  caller?.addEventListener('abort', () => abort.abort());
  return {
    method: request.method,
    headers: request.headers.toJSON(),
    body: typeof request.body === 'string' ? request.body : null,
    signal: AbortSignal.any([timeout, abort.signal]),
    dispatcher,
  };
}

async function pipelineResponse(
  request: PipelineRequest,
  response: Dispatcher.ResponseData,
): Promise<PipelineResponse> {
  const headers = createHttpHeaders();
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return { request, status: response.statusCode, headers, bodyAsText: await response.body.text() };
}

/** A short word such as ENOTFOUND or TimeoutError: safe to show. */
function causeCode(cause: unknown): string {
  if (!(cause instanceof Error)) return 'UNKNOWN';
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
}
