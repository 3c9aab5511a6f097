import { ReconcileError } from '../core/errors.ts';
import { vaultHostOf, vaultNameOf } from '../core/keyVaultSecret.ts';
import type { SecretReader } from '../ports/azure.ts';
import type { KeyVaultMetrics } from '../ports/metrics.ts';
import type { Clock, Random } from '../ports/system.ts';
import { createVaultBudget, type VaultBudget } from './budget.ts';

/** Longer than this no worker waits for a vault: the request goes back to the queue. */
const patienceMs = 1_000;

export interface ThrottleDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: KeyVaultMetrics;
}

/** Keeps every vault's requests below its limit, and away from a vault that asked for a pause. */
export function withVaultBudgets(
  reader: SecretReader,
  { clock, random, metrics }: ThrottleDeps,
): SecretReader {
  const budgets = new Map<string, VaultBudget>();
  const budgetOf = (host: string): VaultBudget => {
    const budget = budgets.get(host) ?? createVaultBudget(clock.now());
    budgets.set(host, budget);
    return budget;
  };

  return {
    async read(request) {
      const vaultHost = vaultHostOf(request.vaultUrl);
      const budget = budgetOf(vaultHost);
      const wait = budget.take(clock.now(), patienceMs);
      if (wait === undefined) {
        // Spread, or all that wait would come back at once.
        const retryAfterMs = budget.waitMs(clock.now()) * (1 + random());
        throw new ReconcileError('KeyVaultThrottled', {
          details: { vaultHost, vaultName: vaultNameOf(request.vaultUrl) },
          retryAfterMs,
        });
      }
      if (wait > 0) {
        metrics.throttled(vaultHost, wait / 1000);
        await clock.sleep(wait);
      }
      try {
        const secret = await reader.read(request);
        budget.succeeded(clock.now());
        return secret;
      } catch (thrown) {
        if (thrown instanceof ReconcileError && thrown.reason === 'KeyVaultThrottled')
          budget.throttled(clock.now(), thrown.retryAfterMs);
        throw thrown;
      }
    },
  };
}
