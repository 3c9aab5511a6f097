import type { HttpClient } from '@azure/core-rest-pipeline';
import type { KeyVaultMetrics } from '../ports/metrics.ts';
import type { Clock } from '../ports/system.ts';

/** Counts what really goes to the vaults, the requests for a challenge and their repetitions included. */
export function withMetrics(
  httpClient: HttpClient,
  metrics: KeyVaultMetrics,
  clock: Clock,
): HttpClient {
  return {
    async sendRequest(request) {
      const { hostname } = new URL(request.url);
      const startedAt = clock.now();
      const count = (code: string): void =>
        metrics.requested(hostname, 'get', code, Math.max(clock.now() - startedAt, 0) / 1000);
      try {
        const response = await httpClient.sendRequest(request);
        count(String(response.status));
        return response;
      } catch (thrown) {
        count('unreachable');
        throw thrown;
      }
    },
  };
}
