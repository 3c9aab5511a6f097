import type { VaultSecretStatus } from '../../api/vaultSecret.ts';
import {
  calmMs,
  contestError,
  contestOf,
  countedRepair,
  isRepair,
  repairsInARow,
} from '../select/contest.ts';
import { delay, type Delay } from '../delay.ts';
import type { ReconcileError } from '../errors/errors.ts';
import type { Observed, Repairs, SyncMemory } from '../observed/observed.ts';
import { failureEvents, type PlannedEvent } from '../status/plannedEvent.ts';
import { failedStatus } from '../status/status.ts';

interface Told {
  readonly status: VaultSecretStatus;
  readonly events: readonly PlannedEvent[];
  readonly memory: SyncMemory;
  readonly requeueAfterMs?: Delay;
  readonly error?: ReconcileError;
}

/** Counts repairs; while somebody else undoes them the status goes on to say so, or it would change with each. */
export function withContest<T extends Told>(
  observed: Observed,
  reason: string | undefined,
  plan: T,
): T & { readonly repairs?: Repairs } {
  const { vaultSecret, now } = observed;
  if (plan.error !== undefined || vaultSecret.spec.suspend === true) return plan;
  const counted = {
    ...plan,
    memory: { ...plan.memory, repairs: repairsInARow(observed) },
    ...(isRepair(reason) ? { repairs: countedRepair(observed) } : {}),
  };
  const contest = contestOf(observed);
  if (contest === undefined) return counted;
  const error = contestError(observed, contest);
  const contested = failedStatus(observed, error);
  const { conditions } = contested;
  const calmAtMs = (counted.repairs ?? contest).lastAt + calmMs;
  return {
    ...counted,
    status: { ...plan.status, ...(conditions === undefined ? {} : { conditions }) },
    events: [...plan.events, ...failureEvents(vaultSecret, error, contested)],
    requeueAfterMs: delay(Math.min(plan.requeueAfterMs ?? Infinity, calmAtMs - now)),
  };
}
