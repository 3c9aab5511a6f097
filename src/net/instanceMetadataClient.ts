import { RestError, type HttpClient } from '@azure/core-rest-pipeline';
import { Agent } from 'undici';
import type { NetMetrics } from '../ports/metrics.ts';
import type { Clock } from '../ports/system.ts';
import { exchange, startDeadline } from './exchange.ts';
import { failureWord } from './failureWord.ts';
import { createHostBreaker } from './hostBreaker.ts';

export interface InstanceMetadataClientOptions {
  /** For example http://169.254.169.254 */
  readonly endpoint: string;
  /** The old Pod Identity holds a request for more than a minute, and nobody is to wait so long. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly metrics: NetMetrics;
}

/** https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#get-a-token-using-http */
const tokenPath = '/metadata/identity/oauth2/token';
/** It is on this very host, so it connects at once or not at all. */
const connectTimeoutMs = 2_000;

/**
 * The way to the metadata service of the host, in plain HTTP to a link-local address, and past any proxy.
 * Guarantees: nothing but a question for a token is sent, and to nobody else, whatever the library that asks
 * made of its environment; no redirect is followed; a failure is a RestError of one short word.
 */
export function createInstanceMetadataClient(options: InstanceMetadataClientOptions): HttpClient {
  const { endpoint, timeoutMs, clock } = options;
  const dispatcher = new Agent({ connections: 4, connect: { timeout: connectTimeoutMs } });
  const breaker = createHostBreaker(clock, options.metrics);
  const { hostname } = new URL(endpoint);
  return {
    async sendRequest(request) {
      try {
        const { pathname, search } = new URL(request.url);
        if (request.method !== 'GET' || pathname !== tokenPath)
          throw new RestError('NOT_METADATA', { code: 'NOT_METADATA' });
        const question = { ...request, url: `${endpoint}${tokenPath}${search}` };
        return await breaker.run(hostname, async () => {
          using deadline = startDeadline(clock, timeoutMs, request.abortSignal);
          return await exchange(question, dispatcher, deadline.signal);
        });
      } catch (thrown) {
        const code = failureWord(thrown);
        throw new RestError(code, { code });
      }
    },
  };
}
