import { ReconcileError } from './errors.ts';
import type { Observed, ObservedSecret, VaultSecret } from './observed.ts';
import { isOwned } from './ownership.ts';
import { isAdopting, targetType } from './target.ts';

/** What the type of a Secret that others made must be. It cannot be changed, and stands beside the values: so it is asked for, never read. */
export interface TypeDemand {
  readonly is: string;
}

/** Undefined while nothing rests on it. */
export function typeDemand(
  vaultSecret: VaultSecret,
  target: ObservedSecret | undefined,
): TypeDemand | undefined {
  if (target?.managed !== true || isOwned(target, vaultSecret)) return undefined;
  return isAdopting(vaultSecret.spec) ? { is: targetType(vaultSecret.spec) } : undefined;
}

/**
 * Why a Secret that others made may not be taken over.
 * Our label is its owner's word that it may: who can write VaultSecrets alone cannot say so, and the admission
 * policy lets nobody in our name update a Secret without it.
 */
export function adoptionObstacle(
  { vaultSecret, hasWrongType }: Observed,
  { namespace, name, managed }: ObservedSecret,
): ReconcileError | undefined {
  const details = { namespace, secret: name };
  if (!managed) return new ReconcileError('TargetNotLabelled', { details });
  if (!hasWrongType) return undefined;
  const type = targetType(vaultSecret.spec);
  return new ReconcileError('TargetTypeDiffers', { details: { ...details, type } });
}
