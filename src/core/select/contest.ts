import { fieldManagerOf } from '../../api/meta.ts';
import { detectDrift } from '../secret/drift.ts';
import { ReconcileError } from '../errors/errors.ts';
import { conditionOf } from '../observed/conditions.ts';
import type { Observed, Repairs, VaultSecret } from '../observed/observed.ts';
import { otherEntries } from '../secret/ownership.ts';
import { isRefreshAsked } from '../observed/refresh.ts';
import { foreignDeeds, isOfOtherRelease, shortfall } from './shortfall.ts';
import { targetName } from '../observed/target.ts';

const contested = 'SecretContested';
/** So many repairs in a row are made at once. */
export const toleratedRepairs = 10;
const firstDelayMs = 1_000;
const longestDelayMs = 300_000;
/** Without a repair for so long it is over. Longer than the longest delay, or it would be over while it waits. */
export const calmMs = 2 * longestDelayMs;

/** Why Key Vault was read: to undo what somebody else did to the Secret, or another release of this controller. */
export function isRepair(reason: string | undefined): boolean {
  return isOfOtherRelease(reason) || (reason !== undefined && foreignDeeds[reason] !== undefined);
}

/** Somebody else undoes our repairs, one after the other. */
export function contestOf(observed: Observed): Repairs | undefined {
  const repairs = repairsInARow(observed);
  return repairs !== undefined && repairs.count >= toleratedRepairs ? repairs : undefined;
}

/** A restart does not begin the count anew while the status says that there is a contest. */
export function toldRepairs({ status }: VaultSecret, now: number): Repairs | undefined {
  const isTold = conditionOf(status, 'Ready')?.reason === contested;
  return isTold ? { count: toleratedRepairs, lastAt: now, by: unknown } : undefined;
}

/**
 * Counted anew once somebody edits the VaultSecret or asks for a refresh, which may have ended it, and when the clock
 * was set back: a pause must not last until it has caught up.
 */
export function repairsInARow({ vaultSecret, memory, now }: Observed): Repairs | undefined {
  const { repairs } = memory;
  const { generation, status } = vaultSecret;
  const isAsked = generation !== status.observedGeneration || isRefreshAsked(vaultSecret);
  if (isAsked || repairs === undefined) return undefined;
  return now >= repairs.lastAt && now < repairs.lastAt + calmMs ? repairs : undefined;
}

/** The next repair has to wait. Guarantees: five minutes at most. */
export function contestObstacle(observed: Observed): ReconcileError | undefined {
  const repairs = contestOf(observed);
  if (repairs === undefined || !isChanged(observed)) return undefined;
  const delayMs = Math.min(firstDelayMs * 2 ** (repairs.count - toleratedRepairs), longestDelayMs);
  const waitMs = repairs.lastAt + delayMs - observed.now;
  return waitMs > 0 ? contestError(observed, repairs).after(waitMs) : undefined;
}

export function contestError(observed: Observed, { by }: Repairs): ReconcileError {
  const { vaultSecret } = observed;
  const { namespace } = vaultSecret;
  const manager = by === unknown ? (lastManager(observed) ?? unknown) : by;
  const details = { namespace, secret: targetName(vaultSecret), manager };
  return new ReconcileError(contested, { details });
}

/** With one more, if it changes the Secret. */
export function countedRepair(observed: Observed): Repairs {
  const { count, by } = repairsInARow(observed) ?? { count: 0, by: unknown };
  return { count: count + 1, lastAt: observed.now, by: lastWriter(observed) ?? by };
}

function isChanged(observed: Observed): boolean {
  return isRepair(shortfall(observed)) || detectDrift(observed) === 'suspected';
}

const unknown = 'unknown';

/** Releases of this controller write under one name. */
function lastWriter(observed: Observed): string | undefined {
  if (!isOfOtherRelease(shortfall(observed))) return lastManager(observed);
  return `${fieldManagerOf(observed.vaultSecret.uid)} of another release`;
}

/** https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers: text of anybody, so only what looks like a name is repeated. */
const managerName = /^[-\w.:/@]{1,64}$/;

/** Of all others the one that wrote last. */
function lastManager({ target, vaultSecret }: Observed): string | undefined {
  if (target === undefined) return undefined;
  const last = otherEntries(target, vaultSecret.uid)
    .toSorted((left, right) => (left.time < right.time ? -1 : 1))
    .at(-1);
  return last !== undefined && managerName.test(last.name) ? last.name : undefined;
}
