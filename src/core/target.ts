import { defaultSecretType, type VaultSecretSpec } from '../api/vaultSecret.ts';
import type { VaultSecret } from './observed.ts';

export function targetName({ name, spec }: Pick<VaultSecret, 'name' | 'spec'>): string {
  return spec.target?.name ?? name;
}

export function targetType({ target }: VaultSecretSpec): string {
  return target?.type ?? defaultSecretType;
}

/** Goes with its VaultSecret: carries an owner reference to it. */
export function isOwnerTarget({ target }: VaultSecretSpec): boolean {
  return target?.creationPolicy !== 'Orphan';
}
