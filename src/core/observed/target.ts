import { mergeFinalizer } from '../../api/meta.ts';
import { defaultSecretType, type VaultSecretSpec } from '../../api/vaultSecret.ts';
import type { VaultSecret } from './observed.ts';

export function targetName({ name, spec }: Pick<VaultSecret, 'name' | 'spec'>): string {
  return spec.target?.name ?? name;
}

export function targetType({ target }: VaultSecretSpec): string {
  return target?.type ?? defaultSecretType;
}

/** Adds its keys to what others made. */
export function isMerging({ target }: VaultSecretSpec): boolean {
  return target?.creationPolicy === 'Merge';
}

/** Keys of ours may stand in Secrets of others: the finalizer is there before the first and until the last. */
export function hasMergeFinalizer({ finalizers }: Pick<VaultSecret, 'finalizers'>): boolean {
  return finalizers.includes(mergeFinalizer);
}

/** Takes over what others made. */
export function isAdopting({ target }: VaultSecretSpec): boolean {
  return target?.creationPolicy === 'Adopt';
}

/** Goes with its VaultSecret: carries an owner reference to it. */
export function isOwnerTarget({ target }: VaultSecretSpec): boolean {
  const policy = target?.creationPolicy;
  return policy !== 'Orphan' && policy !== 'Merge';
}

/** What becomes of the data of an object that is gone in Key Vault. */
export function deletionPolicy({ target }: VaultSecretSpec): 'Retain' | 'Merge' | 'Delete' {
  return target?.deletionPolicy ?? 'Retain';
}
