import type { VaultSecretStatus } from '../../api/vaultSecret.ts';
import { explain, type ReconcileError } from '../errors/errors.ts';
import { conditionOf, conditionsFrom } from '../observed/conditions.ts';
import type { Observed } from '../observed/observed.ts';
import { isRefreshAsked } from '../observed/refresh.ts';

const type = 'Reconciling';

/**
 * The status of a Secret that is good enough to hide a failure, which is shown to those who asked for a refresh all
 * the same: Ready stays, and Reconciling says what holds it up. Written once for each reason, not at each try.
 */
export function awaitingRefresh(observed: Observed, error: ReconcileError): VaultSecretStatus {
  const { vaultSecret, now } = observed;
  const { status, generation } = vaultSecret;
  const { conditions = [] } = status;
  const former = conditionOf(status, type);
  const [ready, ...others] = conditions.filter((condition) => condition.type !== type);
  if (ready?.status !== 'True') return status;
  if (!isShown(observed))
    return former === undefined ? status : { ...status, conditions: [ready, ...others] };
  if (former?.reason === error.reason) return status;
  const state = { type, status: 'True', reason: error.reason, message: askedText(error) } as const;
  const base = { former: conditions, generation, now };
  return { ...status, conditions: [ready, ...conditionsFrom(base, [state]), ...others] };
}

/** A status of another generation says already that work is in progress. */
function isShown({ vaultSecret }: Observed): boolean {
  const { status, generation } = vaultSecret;
  return isRefreshAsked(vaultSecret) && status.observedGeneration === generation;
}

export function askedText(error: ReconcileError): string {
  return `The refresh that was asked for is not done yet. ${explain(error)}`;
}
