import type { HttpClient } from '@azure/core-rest-pipeline';
import type { KeyVaultMetrics } from '../ports/metrics.ts';
import type { Clock } from '../ports/system.ts';

/** Stands for hosts that never answered, or each misspelt name would be a series for ever. */
const unknownHost = 'unknown';
const versionsPath = /^\/secrets\/[^/]+\/versions$/;
const deletedPath = /^\/deletedsecrets\//;

/** Counts what really goes to the vaults, the requests for a challenge and their repetitions included. */
export function withMetrics(
  httpClient: HttpClient,
  metrics: KeyVaultMetrics,
  clock: Clock,
): HttpClient {
  const known = new Set<string>();
  return {
    async sendRequest(request) {
      const { hostname, pathname } = new URL(request.url);
      const operation = operationAt(pathname);
      const startedAt = clock.now();
      const count = (code: string): void => {
        const seconds = Math.max(clock.now() - startedAt, 0) / 1000;
        metrics.requested(known.has(hostname) ? hostname : unknownHost, operation, code, seconds);
      };
      try {
        const response = await httpClient.sendRequest(request);
        known.add(hostname);
        count(String(response.status));
        return response;
      } catch (thrown) {
        count('unreachable');
        throw thrown;
      }
    },
  };
}

function operationAt(pathname: string): string {
  if (deletedPath.test(pathname)) return 'getDeleted';
  return versionsPath.test(pathname) ? 'listVersions' : 'get';
}
