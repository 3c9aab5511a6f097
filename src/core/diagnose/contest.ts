import { fieldManagerOf } from '../../api/meta.ts';
import { ReconcileError } from '../errors/errors.ts';
import { conditionOf } from '../observed/conditions.ts';
import type { Observed, Repairs, VaultSecret } from '../observed/observed.ts';
import { isRefreshAsked } from '../observed/refresh.ts';
import { targetName } from '../observed/target.ts';
import { otherEntries } from '../secret/ownership.ts';
import type { Contest, SecretFacts } from './diagnosis.ts';
import { externalChangeVerbs, isOfOtherRelease, type SecretDefect } from './secretDefect.ts';

const contested = 'SecretContested';
/** The first repairs in a row are made at once. */
export const toleratedRepairs = 10;
const firstDelayMs = 1_000;
const longestDelayMs = 300_000;
/** A contest ends after this time without a repair. Longer than the longest delay: otherwise it would end while it waits. */
export const contestCooldownMs = 2 * longestDelayMs;
const unknown = 'unknown';

/** The read undoes a change by another client, or by another release of this controller. */
export function isRepair(reason: string | undefined): boolean {
  return (
    isOfOtherRelease(reason) || (reason !== undefined && externalChangeVerbs[reason] !== undefined)
  );
}

export function contestOf(observed: Observed, repairs: Repairs | undefined): Contest | undefined {
  if (repairs === undefined || repairs.count < toleratedRepairs) return undefined;
  return { repairs, error: contestError(observed, repairs) };
}

/** A restart does not reset the count while the status shows a contest. */
export function repairsFromStatus({ status }: VaultSecret, now: number): Repairs | undefined {
  const isShown = conditionOf(status, 'Ready')?.reason === contested;
  return isShown ? { count: toleratedRepairs, lastAt: now, by: unknown } : undefined;
}

/**
 * An edit of the VaultSecret or a requested refresh resets the count, because it may have ended the contest. So does a
 * clock that was set back: a pause must not last until the clock has caught up.
 */
export function repairsInARow({ vaultSecret, memory, now }: Observed): Repairs | undefined {
  const { repairs } = memory;
  const { generation, status } = vaultSecret;
  const isAsked = generation !== status.observedGeneration || isRefreshAsked(vaultSecret);
  if (isAsked || repairs === undefined) return undefined;
  return now >= repairs.lastAt && now < repairs.lastAt + contestCooldownMs ? repairs : undefined;
}

/** The next repair has to wait. Guarantees: five minutes at most. */
export function contestPause(
  { now }: Observed,
  { contest, defect, drift }: SecretFacts,
): ReconcileError | undefined {
  const isChanged = isRepair(defect) || drift === 'suspected';
  if (contest === undefined || !isChanged) return undefined;
  const { count, lastAt } = contest.repairs;
  const delayMs = Math.min(firstDelayMs * 2 ** (count - toleratedRepairs), longestDelayMs);
  const waitMs = lastAt + delayMs - now;
  return waitMs > 0 ? contest.error.after(waitMs) : undefined;
}

function contestError(observed: Observed, { by }: Repairs): ReconcileError {
  const { vaultSecret } = observed;
  const { namespace } = vaultSecret;
  const manager = by === unknown ? (lastManager(observed) ?? unknown) : by;
  const details = { namespace, secret: targetName(vaultSecret), manager };
  return new ReconcileError(contested, { details });
}

/** With one more, if the write changes the Secret. */
export function countedRepair(
  observed: Observed,
  { repairs, defect }: Pick<SecretFacts, 'repairs' | 'defect'>,
): Repairs {
  const { count, by } = repairs ?? { count: 0, by: unknown };
  return { count: count + 1, lastAt: observed.now, by: lastWriter(observed, defect) ?? by };
}

/** All releases of this controller write under one name. */
function lastWriter(observed: Observed, defect: SecretDefect | undefined): string | undefined {
  if (!isOfOtherRelease(defect)) return lastManager(observed);
  return `${fieldManagerOf(observed.vaultSecret.uid)} of another release`;
}

/** https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers: any client chooses this text, so it is repeated only if it looks like a name. */
const managerName = /^[-\w.:/@]{1,64}$/;

/** Of all others the one that wrote last. */
function lastManager({ target, vaultSecret }: Observed): string | undefined {
  if (target === undefined) return undefined;
  const last = otherEntries(target, vaultSecret.uid)
    .toSorted((left, right) => (left.time < right.time ? -1 : 1))
    .at(-1);
  return last !== undefined && managerName.test(last.name) ? last.name : undefined;
}
