import type { ReconcileError } from '../errors/errors.ts';
import type { Observed } from '../observed/observed.ts';
import { ownMark } from './ownership.ts';
import { withdrawals, type FormerTarget, type SecretAction } from './secretAction.ts';
import { hasMergeFinalizer, isAdopting, isMerging } from '../observed/target.ts';

export type FinalizerChange = 'add' | 'remove';

interface Writes {
  readonly secret: SecretAction;
  readonly formerTargets: readonly FormerTarget[];
}

type MaybeFailed = Writes & { readonly error?: ReconcileError };

/** What the spec no longer wants merged is taken out, and the finalizer kept in step. */
export function withMerged<T extends MaybeFailed>(
  observed: Observed,
  plan: T,
): T & { readonly finalizer?: FinalizerChange } {
  const { vaultSecret } = observed;
  if (vaultSecret.spec.suspend === true) return plan;
  const formerTargets = [...plan.formerTargets, ...overWithdrawals(observed, plan.error)];
  const finalizer = finalizerChange(observed, { ...plan, formerTargets });
  return { ...plan, formerTargets, ...(finalizer === undefined ? {} : { finalizer }) };
}

/** The policy was Merge, and is one under which the Secret is somebody else's, whole. */
function overWithdrawals(
  { vaultSecret, target }: Observed,
  error: ReconcileError | undefined,
): readonly FormerTarget[] {
  const { spec } = vaultSecret;
  const isRefused =
    error?.reason === 'TargetOwnedByOther' || error?.reason === 'TargetOwnedByVaultSecret';
  const isOver = isRefused && !isMerging(spec) && !isAdopting(spec);
  return isOver && target !== undefined ? withdrawals(target, vaultSecret) : [];
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
