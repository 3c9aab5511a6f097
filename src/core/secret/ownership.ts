import { fieldManagerOf, managedLabel, ownerAnnotation } from '../../api/meta.ts';
import { namespacedName } from '../namespacedName.ts';
import type {
  FieldManager,
  MergeMark,
  Observed,
  ObservedSecret,
  VaultSecret,
} from '../observed/observed.ts';
import { hasMergeFinalizer, isOwnerTarget } from '../observed/target.ts';

/** The Secret is this VaultSecret's, whole. */
export function isOwned(
  secret: ObservedSecret,
  { vaultSecret, rivals }: Pick<Observed, 'vaultSecret' | 'rivals'>,
): boolean {
  return ownerAmong(secret, [vaultSecret, ...rivals])?.uid === vaultSecret.uid;
}

/** It was written by this VaultSecret, and is no longer to go with it. */
export function hasLostOwner(secret: ObservedSecret, { uid, spec }: VaultSecret): boolean {
  const isOurs = ownEntry(secret, uid) !== undefined;
  return isOurs && isOwnerTarget(spec) && !secret.ownerUids.includes(uid);
}

/**
 * Whose the Secret is, whole. Who applied its marks has an entry in managedFields, which outlives what others do to
 * label and annotations; only where no live VaultSecret has one the annotation is believed: after a restore or a
 * re-creation under the same name the uid is another.
 * Guarantees: for the same VaultSecrets the answer is always the same.
 */
export function ownerAmong(
  secret: ObservedSecret,
  live: readonly VaultSecret[],
): VaultSecret | undefined {
  const isNamed = (one: VaultSecret): boolean => secret.owner === namespacedName(one);
  const signers = live.filter(({ uid }) =>
    ownEntry(secret, uid)?.annotations.includes(ownerAnnotation),
  );
  const writers = signers.length > 0 ? signers : live.filter((one) => wroteWhole(secret, one));
  return writers.length > 0
    ? (writers.find(isNamed) ?? writers.toSorted(byAge)[0])
    : live.find(isNamed);
}

/**
 * Its entry is what foreign edits left of a whole one. A Secret that was let go of has none, and one that it only
 * began to take over, or merged into, has the label from another owner.
 */
function wroteWhole(secret: ObservedSecret, vaultSecret: VaultSecret): boolean {
  const entry = ownEntry(secret, vaultSecret.uid);
  if (entry === undefined || ownMark(secret, vaultSecret) !== undefined) return false;
  const isTarget = vaultSecret.status.secretName === secret.name;
  return entry.labels.includes(managedLabel) || (isTarget && !hasMergeFinalizer(vaultSecret));
}

export function isOlder(left: VaultSecret, right: VaultSecret): boolean {
  return byAge(left, right) < 0;
}

function byAge(left: VaultSecret, right: VaultSecret): number {
  if (left.createdAt !== right.createdAt) return left.createdAt - right.createdAt;
  return left.uid < right.uid ? -1 : 1;
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
