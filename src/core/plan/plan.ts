import type { Diagnosis } from '../diagnose/diagnosis.ts';
import type { ReconcileError } from '../errors/errors.ts';
import type { Observed } from '../observed/observed.ts';
import { boundIdentityOf, type Selection } from '../select/select.ts';
import { countRepairs } from './countRepairs.ts';
import { decide, keepLastGood } from './decide.ts';
import type { Fetched } from './fetched.ts';
import { leaving } from './leaving.ts';
import type { Addition, FailedPlan, Plan, PlanInput } from './planned.ts';
import { showConflict } from './showConflict.ts';
import { warnOfStoredCredential } from './warnOfStoredCredential.ts';
import { withdrawMerged } from './withdrawMerged.ts';

const additions: readonly Addition[] = [
  // Before the other conditions, because it replaces all of them during a contest.
  countRepairs,
  rememberIdentity,
  withdrawMerged,
  // These two append to the conditions: another order would write every such status once.
  warnOfStoredCredential,
  showConflict,
];

/** Decides; touches nothing. `fetched` holds a result for each of the selection's refs. */
export function plan(
  observed: Observed,
  diagnosis: Diagnosis,
  { reason }: Pick<Selection, 'reason'>,
  fetched: Fetched,
): Plan {
  if (observed.vaultSecret.terminating) return leaving(observed);
  const input: PlanInput = { observed, diagnosis, reason };
  return additions.reduce((planned, add) => add(input, planned), decide(input, fetched));
}

/** The plan could not be applied: the last good Secret stays. */
export function failed(
  observed: Observed,
  diagnosis: Diagnosis,
  error: ReconcileError,
): FailedPlan {
  const input: PlanInput = { observed, diagnosis };
  const kept = keepLastGood(input, error);
  return { ...showConflict(input, kept), error: kept.error };
}

function rememberIdentity({ diagnosis: { access } }: PlanInput, planned: Plan): Plan {
  const identity = boundIdentityOf(access);
  return identity === undefined ? planned : { ...planned, memory: { ...planned.memory, identity } };
}
