import { fieldManagerOf, managedLabel } from '../../api/meta.ts';
import { namespacedName } from '../namespacedName.ts';
import type { FieldManager, MergeMark, ObservedSecret, VaultSecret } from '../observed/observed.ts';

/** Ours, by name: also after a restore or a re-creation under the same name, when the uid differs. */
export function isOwned(secret: ObservedSecret, vaultSecret: VaultSecret): boolean {
  if (secret.owner !== undefined) return secret.owner === namespacedName(vaultSecret);
  // Somebody stripped the annotation. A Secret that was let go of has lost our label as well, and one that we
  // only began to take over, or merged into, has it from its owner.
  return (
    secret.managed && ownEntry(secret, vaultSecret.uid)?.labels.includes(managedLabel) === true
  );
}

/** What this VaultSecret, or one of its name before it, left in a Secret of others. */
export function marksOf({ marks }: ObservedSecret, vaultSecret: VaultSecret): readonly MergeMark[] {
  const ours = namespacedName(vaultSecret);
  return marks.filter(({ owner }) => owner === ours);
}

/** Undefined before the first merge. */
export function ownMark(secret: ObservedSecret, vaultSecret: VaultSecret): MergeMark | undefined {
  return marksOf(secret, vaultSecret).find(({ uid }) => uid === vaultSecret.uid);
}

/** What this VaultSecret applied to the Secret; undefined when it never did. */
export function ownEntry(secret: ObservedSecret, vaultSecretUid: string): FieldManager | undefined {
  return secret.managers.find((manager) => isOwn(manager, vaultSecretUid));
}

export function otherEntries(
  secret: ObservedSecret,
  vaultSecretUid: string,
): readonly FieldManager[] {
  return secret.managers.filter((manager) => !isOwn(manager, vaultSecretUid));
}

function isOwn({ name, operation }: FieldManager, vaultSecretUid: string): boolean {
  return operation === 'Apply' && name === fieldManagerOf(vaultSecretUid);
}
