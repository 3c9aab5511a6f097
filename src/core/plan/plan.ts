import type { VaultSecretStatus } from '../../api/vaultSecret.ts';
import { judgeAbsence, missingNow, type Absence } from '../select/absence.ts';
import { withConflict } from './conflict.ts';
import { delay, type Delay } from '../delay.ts';
import { desiredSecret } from '../secret/desired.ts';
import { toReconcileError, type ReconcileError } from '../errors/errors.ts';
import { failureOf, valuesOf, type Fetched } from '../select/fetched.ts';
import { fenceOf } from '../observed/fence.ts';
import { leaving } from './leaving.ts';
import { withMerged, type FinalizerChange } from '../secret/mergeFinalizer.ts';
import type { Observed, Repairs, SyncMemory } from '../observed/observed.ts';
import { obstacleOf } from '../select/obstacle.ts';
import {
  deletionEvent,
  failureEvents,
  syncEvents,
  type PlannedEvent,
} from '../status/plannedEvent.ts';
import { nextRefresh, refreshIntervalMs, validityEndsAt } from '../select/schedule.ts';
import {
  formerTargets,
  secretAction,
  type FormerTarget,
  type SecretAction,
} from '../secret/secretAction.ts';
import { boundIdentityOf, type ReadReason, type Selection } from '../select/select.ts';
import { deletedStatus, failedStatus, readyStatus, suspendedStatus } from '../status/status.ts';
import type { SyncRecord } from '../secret/recordFormat.ts';
import { nextRecord, ownRecord } from '../secret/syncRecord.ts';
import { deletionPolicy, targetName } from '../observed/target.ts';
import { withStoredCredential } from './withStoredCredential.ts';
import { withContest } from './withContest.ts';
import { verdictOn } from '../select/verdict.ts';
import { paced } from './pace.ts';

/** Everything that will be done, as data: the CLI prints the very value that is applied. */
export interface Plan {
  readonly secret: SecretAction;
  readonly formerTargets: readonly FormerTarget[];
  readonly finalizer?: FinalizerChange;
  readonly status: VaultSecretStatus;
  readonly events: readonly PlannedEvent[];
  /** What to remember once it is applied. */
  readonly memory: SyncMemory;
  /** The same, if the write changes the Secret, which the API server alone can tell. */
  readonly repairs?: Repairs;
  readonly requeueAfterMs?: Delay;
  /** Why the Secret could not be made true; the last good one stays. */
  readonly error?: ReconcileError;
}

export interface FailedPlan extends Plan {
  readonly error: ReconcileError;
}

/** Decides; touches nothing. `fetched` holds a result for each of the selection's refs. */
export function plan(observed: Observed, selection: Selection, fetched: Fetched): Plan {
  if (observed.vaultSecret.terminating) return leaving(observed);
  const decided = withContest(observed, selection.reason, decide(observed, selection, fetched));
  const merged = withMerged(observed, withIdentity(selection, decided));
  return withConflict(observed, withStoredCredential(observed, selection, merged));
}

function withIdentity<T extends Pick<Plan, 'memory'>>({ access }: Selection, decided: T): T {
  const identity = boundIdentityOf(access);
  return identity === undefined ? decided : { ...decided, memory: { ...decided.memory, identity } };
}

/** The last good Secret stays. */
export function failed(observed: Observed, error: ReconcileError): FailedPlan {
  return withConflict(observed, kept(observed, error));
}

function decide(observed: Observed, selection: Selection, fetched: Fetched): Plan {
  const { vaultSecret, now } = observed;
  if (vaultSecret.spec.suspend === true)
    return { ...nothing(observed), status: suspendedStatus(vaultSecret, now) };
  const missing = missingNow(observed, fetched);
  const noted = { ...observed, memory: { ...observed.memory, missing } };
  const absence = judgeAbsence(noted, fetched);
  const error = obstacleOf(noted) ?? failureOf(selection.access, absence.fetched);
  if (error !== undefined) return kept(noted, error);
  try {
    return selection.reason === undefined
      ? unchanged(noted)
      : synced(noted, selection.reason, absence);
  } catch (thrown) {
    return kept(noted, toReconcileError(thrown));
  }
}

function kept(observed: Observed, error: ReconcileError): FailedPlan {
  const { vaultSecret, target } = observed;
  const failures = observed.memory.failures + 1;
  const memory = { ...observed.memory, verdict: verdictOn(observed, error) };
  const refreshAt = memory.verdict === undefined ? memory.refreshAt : verified(observed).refreshAt;
  const status = failedStatus(observed, error);
  return {
    ...nothing(observed),
    status,
    events: failureEvents(vaultSecret, error, status),
    memory: { ...memory, refreshAt, failures, lookLive: target?.managed === false },
    error: paced(observed, error, { failures, refreshAt }),
  };
}

function nothing({ memory }: Observed) {
  return {
    secret: { kind: 'keep' },
    formerTargets: [],
    events: [],
    memory: { ...memory, failures: 0, verdict: undefined },
  } as const;
}

/** Nothing had to be read: the Secret's own record says what it holds. */
function unchanged(observed: Observed): Plan {
  const { vaultSecret, memory, now } = observed;
  const record = ownRecord(observed);
  const status = record === undefined ? vaultSecret.status : readyStatus(vaultSecret, record, now);
  return {
    ...nothing(observed),
    formerTargets: formerTargets(observed),
    status,
    requeueAfterMs: untilNextRead(observed, record, memory.refreshAt),
  };
}

function synced(observed: Observed, reason: ReadReason, { fetched, gone }: Absence): Plan {
  const { vaultSecret, now } = observed;
  const isAllGone = gone.length > 0 && fetched.size === 0;
  if (isAllGone && deletionPolicy(vaultSecret.spec) === 'Delete') return deleted(observed, gone);
  const values = valuesOf(fetched);
  const record = nextRecord(observed, values, gone);
  const desired = desiredSecret(vaultSecret, values, record);
  const memory = verified(observed);
  return {
    secret: secretAction(observed, desired, record),
    formerTargets: formerTargets(observed),
    status: readyStatus(vaultSecret, record, now),
    events: syncEvents(observed, reason, record),
    memory,
    requeueAfterMs: untilNextRead(observed, record, memory.refreshAt),
  };
}

/** None of its objects is left, and spec.target.deletionPolicy is Delete. */
function deleted(observed: Observed, gone: readonly string[]): Plan {
  const { vaultSecret, target, now } = observed;
  const name = targetName(vaultSecret);
  const memory = verified(observed);
  return {
    secret:
      target === undefined ? { kind: 'keep' } : { kind: 'delete', name, fence: fenceOf(target) },
    formerTargets: formerTargets(observed),
    status: deletedStatus(vaultSecret, gone, now),
    events: target === undefined ? [] : [deletionEvent(vaultSecret, gone)],
    memory,
    requeueAfterMs: delay(memory.refreshAt - now),
  };
}

function verified({ vaultSecret: { spec, uid }, memory, now }: Observed): SyncMemory {
  const refreshAt = nextRefresh(now, refreshIntervalMs(spec), uid);
  return {
    ...memory,
    refreshAt,
    verifiedAt: now,
    failures: 0,
    lookLive: false,
    verdict: undefined,
  };
}

function untilNextRead(
  { vaultSecret, now }: Observed,
  record: SyncRecord | undefined,
  refreshAt: number,
): Delay {
  return delay(Math.min(refreshAt, validityEndsAt(vaultSecret.spec, record)) - now);
}
