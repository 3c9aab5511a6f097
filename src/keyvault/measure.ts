import type { HttpClient } from '@azure/core-rest-pipeline';
import type { KeyVaultMetrics } from '../ports/metrics.ts';
import type { Clock } from '../ports/system.ts';
import type { Vaults } from './vaults.ts';

/** Stands for hosts that never answered, or each misspelt name would be a series. */
const unknownHost = 'unknown';
const versionsPath = /^\/secrets\/[^/]+\/versions$/;
const deletedPath = /^\/deletedsecrets\//;

export interface MeasureDeps {
  readonly vaults: Vaults;
  readonly metrics: KeyVaultMetrics;
  readonly clock: Clock;
}

/** Counts what goes to the vaults, the requests for a challenge and their repetitions included. */
export function withMetrics(
  httpClient: HttpClient,
  { vaults, metrics, clock }: MeasureDeps,
): HttpClient {
  return {
    async sendRequest(request) {
      const { hostname, pathname } = new URL(request.url);
      const operation = operationAt(pathname);
      const vault = vaults.of(hostname);
      const startedAt = clock.elapsed();
      const count = (code: string): void => {
        const seconds = (clock.elapsed() - startedAt) / 1000;
        metrics.requested(vault.hasAnswered ? hostname : unknownHost, operation, code, seconds);
      };
      try {
        const response = await httpClient.sendRequest(request);
        vault.hasAnswered = true;
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
