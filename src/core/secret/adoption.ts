import { forbiddenSecretTypes } from '../../api/forbidden.ts';
import { ReconcileError } from '../errors/errors.ts';
import type { Observed, ObservedSecret } from '../observed/observed.ts';
import { isOwned, ownEntry } from './ownership.ts';
import { isAdopting, isMerging, targetType } from '../observed/target.ts';

/** What the type of a Secret that others made must be. It cannot be changed, and stands beside the values: so it is asked for, never read. */
export type TypeDemand = { readonly is: string } | { readonly isNoneOf: readonly string[] };

/** Undefined while nothing rests on it. */
export function typeDemand(
  observed: Pick<Observed, 'vaultSecret' | 'target' | 'rivals'>,
): TypeDemand | undefined {
  const { target, vaultSecret } = observed;
  if (target?.managed !== true || isOwned(target, observed)) return undefined;
  const { spec, uid } = vaultSecret;
  if (isAdopting(spec)) return { is: targetType(spec) };
  const isFirstMerge = isMerging(spec) && ownEntry(target, uid) === undefined;
  return isFirstMerge ? { isNoneOf: forbiddenSecretTypes } : undefined;
}

/**
 * Why a Secret that others made may not be taken over, nor merged into.
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
  if (isMerging(vaultSecret.spec)) return new ReconcileError('TargetIsCredential', { details });
  const type = targetType(vaultSecret.spec);
  return new ReconcileError('TargetTypeDiffers', { details: { ...details, type } });
}
