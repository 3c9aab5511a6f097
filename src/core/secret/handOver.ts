import type { Observed, ObservedSecret, VaultSecret } from '../observed/observed.ts';
import { isMerging, targetName } from '../observed/target.ts';
import { ownEntry, ownerAmong } from './ownership.ts';

/**
 * The VaultSecret that made the target and names another Secret now. Its Secret may be taken over in place by the one
 * that names it. Otherwise two that swap their names would wait for each other for good, and where the former owner
 * deleted the Secret first, its readers would be without one until the other makes it.
 */
export function formerOwner(
  observed: Pick<Observed, 'vaultSecret' | 'target' | 'rivals'>,
): VaultSecret | undefined {
  const { vaultSecret, target, rivals } = observed;
  if (target === undefined || isMerging(vaultSecret.spec)) return undefined;
  const owner = ownerAmong(target, [vaultSecret, ...rivals]);
  if (owner === undefined || owner.uid === vaultSecret.uid) return undefined;
  return handsOver(target, owner) ? owner : undefined;
}

/**
 * Another VaultSecret takes the former target over, or has begun to: it is not to be deleted or released under it.
 * Guarantees: what is left to another, `formerOwner` lets the other have.
 */
export function isLeftToOther(
  secret: ObservedSecret,
  { vaultSecret, heirs }: Pick<Observed, 'vaultSecret' | 'heirs'>,
): boolean {
  return heirs.some(
    (heir) =>
      targetName(heir) === secret.name &&
      isActive(heir) &&
      !isMerging(heir.spec) &&
      (handsOver(secret, vaultSecret) || ownEntry(secret, heir.uid) !== undefined),
  );
}

/** A copy of the Secret has our marks and no entry of ours: it is not the owner's to hand over. */
function handsOver(secret: ObservedSecret, owner: VaultSecret): boolean {
  const isWritten = secret.managed && ownEntry(secret, owner.uid) !== undefined;
  return isWritten && isActive(owner) && targetName(owner) !== secret.name;
}

/** Acts on its spec. */
export function isActive({ terminating, problem, spec }: VaultSecret): boolean {
  return !terminating && problem === undefined && spec.suspend !== true;
}
