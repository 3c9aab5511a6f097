import { delay, type Delay } from '../delay.ts';
import { nextRefresh, refreshIntervalMs, validityEndsAt } from '../diagnose/schedule.ts';
import { verdictOn } from '../diagnose/verdict.ts';
import { toReconcileError, type ReconcileError } from '../errors/errors.ts';
import { fenceOf } from '../observed/fence.ts';
import type { Observed, SyncMemory } from '../observed/observed.ts';
import { deletionPolicy, targetName } from '../observed/target.ts';
import { desiredSecret } from '../secret/desired.ts';
import type { SyncRecord } from '../secret/recordFormat.ts';
import { formerTargets, secretAction } from '../secret/secretAction.ts';
import { nextRecord } from '../secret/syncRecord.ts';
import { deletionEvent, failureEvents, syncEvents } from '../status/plannedEvent.ts';
import { deletedStatus, failedStatus, readyStatus, suspendedStatus } from '../status/status.ts';
import { judgeAbsence, missingNow, type Absence } from './absence.ts';
import { failureOf, valuesOf, type Fetched } from './fetched.ts';
import type { FailedPlan, Plan, PlanInput } from './planned.ts';
import { withRetryDelay } from './retryDelay.ts';

/** What a plan rests on, with what was read. */
type Situation = PlanInput & Absence;

/** The first outcome that applies becomes the plan of the Secret. */
const outcomes: readonly ((situation: Situation) => Plan | undefined)[] = [
  suspended,
  // Before the failure to read: an obstacle has to be removed before a read can help.
  obstructed,
  unread,
  unchanged,
  deleted,
  synced,
];

export function decide(input: PlanInput, fetched: Fetched): Plan {
  const { diagnosis } = input;
  const memory = { ...input.observed.memory, missing: missingNow(input.observed, fetched) };
  const observed = { ...input.observed, memory };
  const absence = judgeAbsence(observed, diagnosis.record, fetched);
  const situation = { ...input, observed, ...absence };
  try {
    for (const outcome of outcomes) {
      const plan = outcome(situation);
      if (plan !== undefined) return plan;
    }
    return noChange(observed);
  } catch (thrown) {
    return keepLastGood(situation, toReconcileError(thrown));
  }
}

function suspended({ observed }: Situation): Plan | undefined {
  const { vaultSecret, now } = observed;
  return vaultSecret.spec.suspend === true
    ? { ...noChange(observed), status: suspendedStatus(vaultSecret, now) }
    : undefined;
}

function obstructed(situation: Situation): Plan | undefined {
  const { obstacle } = situation.diagnosis;
  return obstacle && keepLastGood(situation, obstacle);
}

function unread(situation: Situation): Plan | undefined {
  const failure = failureOf(situation.diagnosis.access, situation.fetched);
  return failure && keepLastGood(situation, failure);
}

/** Nothing had to be read: the Secret's own record says what it holds. */
function unchanged({ observed, diagnosis: { record }, reason }: Situation): Plan | undefined {
  if (reason !== undefined) return undefined;
  const { vaultSecret, memory, now } = observed;
  const status = record === undefined ? vaultSecret.status : readyStatus(vaultSecret, record, now);
  return {
    ...noChange(observed),
    formerTargets: formerTargets(observed),
    status,
    requeueAfterMs: untilNextRead(observed, record, memory.refreshAt),
  };
}

/** None of its objects is left, and spec.target.deletionPolicy is Delete. */
function deleted({ observed, gone, fetched }: Situation): Plan | undefined {
  const { vaultSecret, target, now } = observed;
  const isAllGone = gone.length > 0 && fetched.size === 0;
  if (!isAllGone || deletionPolicy(vaultSecret.spec) !== 'Delete') return undefined;
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

/** @throws ReconcileError ValueNotDecodable, SecretTooLarge */
function synced({ observed, diagnosis, reason, fetched, gone }: Situation): Plan | undefined {
  if (reason === undefined) return undefined;
  const { vaultSecret, now } = observed;
  const values = valuesOf(fetched);
  const record = nextRecord(observed, diagnosis.record, values, gone);
  const desired = desiredSecret(vaultSecret, values, record);
  const memory = verified(observed);
  return {
    secret: secretAction(observed, diagnosis, desired, record),
    formerTargets: formerTargets(observed),
    status: readyStatus(vaultSecret, record, now),
    events: syncEvents(vaultSecret, diagnosis, reason, record),
    memory,
    requeueAfterMs: untilNextRead(observed, record, memory.refreshAt),
  };
}

/** The last good Secret stays. */
export function keepLastGood(
  { observed, diagnosis }: PlanInput,
  error: ReconcileError,
): FailedPlan {
  const { vaultSecret, target } = observed;
  const failures = observed.memory.failures + 1;
  const memory = { ...observed.memory, verdict: verdictOn(observed, error) };
  const refreshAt = memory.verdict === undefined ? memory.refreshAt : verified(observed).refreshAt;
  const status = failedStatus(observed, diagnosis, error);
  return {
    ...noChange(observed),
    status,
    events: failureEvents(vaultSecret, error, status),
    memory: { ...memory, refreshAt, failures, lookLive: target?.managed === false },
    error: withRetryDelay(observed, error, { failures, refreshAt }),
  };
}

function noChange({ vaultSecret, memory }: Observed) {
  return {
    secret: { kind: 'keep' },
    formerTargets: [],
    status: vaultSecret.status,
    events: [],
    memory: { ...memory, failures: 0, verdict: undefined },
  } as const;
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
