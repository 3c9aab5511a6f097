import { ReconcileError } from '../core/errors/errors.ts';
import { vaultHostOf } from '../core/source/keyVaultSecret.ts';
import type { SecretVersion } from '../core/source/validity.ts';
import type { ReadRequest, SecretReader } from '../ports/azure.ts';
import type { KeyVaultMetrics } from '../ports/metrics.ts';
import type { Clock, Random } from '../ports/system.ts';
import { createVaultBudget, type VaultBudget } from './budget.ts';
import type { PagedSecretReader } from './client.ts';
import { readDetails } from './errors.ts';

export interface ThrottleDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: KeyVaultMetrics;
}

/** Keeps every vault's requests below its limit, and away from a vault that asked for a pause. */
export function withVaultBudgets(
  reader: PagedSecretReader,
  deps: ThrottleDeps,
): SecretReader & Pick<PagedSecretReader, 'deletion'> {
  const { clock } = deps;
  const budgets = new Map<string, VaultBudget>();

  const budgetOf = (host: string): VaultBudget => {
    const known = budgets.get(host);
    if (known !== undefined) return known;
    for (const [other, budget] of budgets) {
      if (!budget.isFull(clock.now())) continue;
      budgets.delete(other);
      deps.metrics.budgetLeft(other, undefined);
    }
    const budget = createVaultBudget(clock.now());
    budgets.set(host, budget);
    return budget;
  };

  const inTurn = async <T>(request: ReadRequest, send: () => Promise<T>): Promise<T> => {
    const budget = budgetOf(vaultHostOf(request.vaultUrl));
    await untilTurn(budget, request, deps);
    return sendAndLearn(budget, request, { ...deps, send });
  };

  return {
    read: async (request) => inTurn(request, async () => reader.read(request)),
    deletion: async (request) => inTurn(request, async () => reader.deletion(request)),
    async listVersions(request) {
      const pages = reader.versionPages(request)[Symbol.asyncIterator]();
      const versions: SecretVersion[] = [];
      for (;;) {
        const page = await inTurn(request, async () => pages.next());
        if (page.done === true) return versions;
        versions.push(...page.value);
      }
    },
  };
}

async function untilTurn(
  budget: VaultBudget,
  request: ReadRequest,
  { clock, random, metrics }: ThrottleDeps,
): Promise<void> {
  const { kind, ms } = budget.take(clock.now());
  metrics.budgetLeft(vaultHostOf(request.vaultUrl), budget.left(clock.now()));
  if (kind === 'later') throw throttledError(request, ms, random);
  if (ms === 0) return;
  metrics.throttled(vaultHostOf(request.vaultUrl), ms / 1000);
  await clock.sleep(ms);
  if (budget.isPaused(clock.now()))
    throw throttledError(request, budget.defer(clock.now()), random);
}

async function sendAndLearn<T>(
  budget: VaultBudget,
  request: ReadRequest,
  { send, clock, random }: ThrottleDeps & { readonly send: () => Promise<T> },
): Promise<T> {
  try {
    const answer = await send();
    budget.succeeded(clock.now());
    return answer;
  } catch (thrown) {
    if (!(thrown instanceof ReconcileError) || thrown.reason !== 'KeyVaultThrottled') throw thrown;
    budget.throttled(clock.now(), thrown.retryAfterMs);
    throw throttledError(request, budget.defer(clock.now()), random);
  }
}

/** Up to a quarter later than the budget says, so that what was sent away together does not come back in step. */
function throttledError(request: ReadRequest, delayMs: number, random: Random): ReconcileError {
  return new ReconcileError('KeyVaultThrottled', {
    details: readDetails(request),
    retryAfterMs: delayMs * (1 + random() / 4),
  });
}
