import { RestError, type HttpClient } from '@azure/core-rest-pipeline';
import type { HostHealth } from '../ports/lanes.ts';
import type { NetMetrics } from '../ports/metrics.ts';
import { reveal } from '../core/redacted.ts';
import type { Clock } from '../ports/system.ts';
import { createDispatchers, type Route } from './dispatcher.ts';
import { exchange, startDeadline } from './exchange.ts';
import { failureWord } from './failureWord.ts';
import { createHostBreaker } from './hostBreaker.ts';

export interface AzureHttpClientOptions extends Route {
  /** After this a request fails, whatever the far side does. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly metrics: NetMetrics;
}

export interface AzureHttpClient extends HttpClient {
  healthOf(host: string): HostHealth;
}

/**
 * The one way to Azure, shared by all clients, so that connections are counted by host and not by client.
 * Guarantees: TLS only; never follows a redirect; a failure is a RestError of one short word, without the
 * request that it would otherwise hold; a host that does not answer costs the others nothing.
 */
export function createAzureHttpClient(options: AzureHttpClientOptions): AzureHttpClient {
  const { clock, timeoutMs, metrics } = options;
  const dispatcherOf = createDispatchers(options);
  const breaker = createHostBreaker(clock, metrics);
  const proxyUrl = options.proxy && new URL(reveal(options.proxy.url));
  return {
    healthOf: (host) => breaker.healthOf(host),
    async sendRequest(request) {
      try {
        const { protocol, hostname } = new URL(request.url);
        if (protocol !== 'https:') throw new RestError('NOT_TLS', { code: 'NOT_TLS' });
        const dispatcher = dispatcherOf(hostname);
        const send = async () => {
          using deadline = startDeadline(clock, timeoutMs, request.abortSignal);
          return await exchange(request, dispatcher, deadline.signal);
        };
        return await breaker.run(hostname, send, request.abortSignal);
      } catch (thrown) {
        const code = failureWord(thrown, proxyUrl);
        throw new RestError(code, { code });
      }
    },
  };
}
