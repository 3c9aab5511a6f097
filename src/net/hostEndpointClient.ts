import { RestError, type HttpClient } from '@azure/core-rest-pipeline';
import { Agent } from 'undici';
import type { Clock } from '../ports/system.ts';
import { exchange, startDeadline } from './exchange.ts';
import { failureWord } from './failureWord.ts';

/** It is on this very host, so it connects at once or not at all. */
const connectTimeoutMs = 2_000;

/**
 * The way to whatever gives tokens on the host of a command, past any proxy: https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity#rest-endpoint-reference
 * and its kin, in plain HTTP, wherever the variables of the host point; they are the caller's own.
 * Guarantees: no redirect is followed; a failure is a RestError of one short word.
 */
export function createHostEndpointClient(timeoutMs: number, clock: Clock): HttpClient {
  const dispatcher = new Agent({ connect: { timeout: connectTimeoutMs } });
  return {
    async sendRequest(request) {
      try {
        using deadline = startDeadline(clock, timeoutMs, request.abortSignal);
        return await exchange(
          { ...request, url: withoutSlash(request.url) },
          dispatcher,
          deadline.signal,
        );
      } catch (thrown) {
        const code = failureWord(thrown);
        throw new RestError(code, { code });
      }
    },
  };
}

/** @azure/msal-node 7 ends the path in a slash where AZURE_POD_IDENTITY_AUTHORITY_HOST names the host. */
function withoutSlash(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return `${origin}${pathname.replace(/(?<=.)\/$/, '')}${search}`;
}
