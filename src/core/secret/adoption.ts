import { forbiddenSecretTypes } from '../../api/forbidden.ts';
import { ReconcileError } from '../errors/errors.ts';
import type { Observed, ObservedSecret } from '../observed/observed.ts';
import { formerOwner } from './handOver.ts';
import { isOwned, ownEntry, ownerAmong } from './ownership.ts';
import { isAdopting, isMerging, targetType } from '../observed/target.ts';

/** What the type of a Secret that others made must be. It cannot be changed, and stands beside the values: so it is asked for, never read. */
export type TypeDemand = { readonly is: string } | { readonly isNoneOf: readonly string[] };

/** Undefined while nothing rests on it. A credential is no Secret to advise the deletion or a label of. */
export function typeDemand(
  observed: Pick<Observed, 'vaultSecret' | 'target' | 'rivals'>,
): TypeDemand | undefined {
  const { target, vaultSecret, rivals } = observed;
  if (vaultSecret.terminating || target === undefined || isOwned(target, observed))
    return undefined;
  if (formerOwner(observed) !== undefined) return undefined;
  const { spec, uid } = vaultSecret;
  if (isAdopting(spec) && target.managed) return { is: targetType(spec) };
  const isKnown = isMerging(spec)
    ? ownEntry(target, uid) !== undefined
    : ownerAmong(target, rivals) !== undefined;
  return isKnown ? undefined : { isNoneOf: forbiddenSecretTypes };
}

/**
 * Why a Secret that others made may not be taken over, nor merged into.
 * Our label is its owner's word that it may: who can write VaultSecrets alone cannot say so, and the admission
 * policy refuses every update of a Secret without it under our name.
 */
export function adoptionObstacle(
  { vaultSecret, hasWrongType }: Observed,
  { namespace, name, managed }: ObservedSecret,
): ReconcileError | undefined {
  const details = { namespace, secret: name };
  const credential = credentialObstacle({ hasWrongType }, { name });
  if (!managed) return credential ?? new ReconcileError('TargetNotLabelled', { details });
  if (isMerging(vaultSecret.spec) || credential === undefined) return credential;
  const type = targetType(vaultSecret.spec);
  return new ReconcileError('TargetTypeDiffers', { details: { ...details, type } });
}

/** For such a Secret there is no way but another name: taken over or deleted, it breaks what it is the credential of. */
export function credentialObstacle(
  { hasWrongType }: Pick<Observed, 'hasWrongType'>,
  { name }: Pick<ObservedSecret, 'name'>,
): ReconcileError | undefined {
  const details = { secret: name };
  return hasWrongType ? new ReconcileError('TargetIsCredential', { details }) : undefined;
}
