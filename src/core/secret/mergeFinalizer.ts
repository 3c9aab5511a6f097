import type { Observed } from '../observed/observed.ts';
import { ownMark } from './ownership.ts';
import { withdrawals, type FormerTarget, type SecretAction } from './secretAction.ts';
import { hasMergeFinalizer, isMerging } from '../observed/target.ts';

export type FinalizerChange = 'add' | 'remove';

interface Writes {
  readonly secret: SecretAction;
  readonly formerTargets: readonly FormerTarget[];
}

/** Guarantees: it stands before the first key of ours does in a Secret of others, and until the last is gone. */
export function finalizerChange(observed: Observed, writes: Writes): FinalizerChange | undefined {
  const { vaultSecret } = observed;
  const isNeeded = merges(observed, writes) || leavesMarks(observed, writes);
  if (isNeeded === hasMergeFinalizer(vaultSecret)) return undefined;
  return isNeeded ? 'add' : 'remove';
}

function merges({ vaultSecret, target }: Observed, { secret }: Writes): boolean {
  if (!isMerging(vaultSecret.spec) || vaultSecret.terminating) return false;
  return (
    secret.kind === 'apply' || (target !== undefined && ownMark(target, vaultSecret) !== undefined)
  );
}

function leavesMarks(
  { vaultSecret, target, formerTargets }: Observed,
  { secret, formerTargets: left }: Writes,
): boolean {
  const withdrawn = new Set(left.map(({ name }) => name));
  // An apply of the whole Secret drops them.
  const kept = target === undefined || secret.kind === 'apply' ? [] : [target];
  return [...kept, ...formerTargets]
    .filter(({ name }) => !withdrawn.has(name))
    .some((one) => withdrawals(one, vaultSecret).length > 0);
}
