import type { ReconcileError } from '../errors/errors.ts';
import type { Observed } from '../observed/observed.ts';
import { isAdopting, isMerging } from '../observed/target.ts';
import { finalizerChange } from '../secret/mergeFinalizer.ts';
import { withdrawals, type FormerTarget } from '../secret/secretAction.ts';
import type { Plan, PlanInput } from './planned.ts';

/** Takes out what the spec no longer wants merged, and keeps the finalizer in step. */
export function withdrawMerged({ observed }: PlanInput, plan: Plan): Plan {
  if (observed.vaultSecret.spec.suspend === true) return plan;
  const formerTargets = [...plan.formerTargets, ...overWithdrawals(observed, plan.error)];
  const finalizer = finalizerChange(observed, { ...plan, formerTargets });
  return { ...plan, formerTargets, ...(finalizer === undefined ? {} : { finalizer }) };
}

/** The policy was Merge, and is one under which the whole Secret belongs to another owner. */
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
