import { isApiVersionSince } from './apiVersions.ts';
import type { SecretVersion, StoredSecret, Vault } from './vaultStore.ts';

/** Bodies of Key Vault, keys in the service's order; what is not set is missing, never null. */
export interface BundleScope {
  vault: Vault;
  apiVersion: string;
}

export function vaultHost(vault: Vault): string {
  const { name, cloud } = vault.settings;
  return `${name}.${cloud.vaultSuffix}`;
}

export function secretId(vault: Vault, name: string, version?: string): string {
  const base = `https://${vaultHost(vault)}/secrets/${name}`;
  return version === undefined ? base : `${base}/${version}`;
}

export function attributesOf({ vault, apiVersion }: BundleScope, version: SecretVersion): object {
  const { recoverableDays, purgeProtection } = vault.settings;
  return {
    enabled: version.enabled,
    ...(version.notBefore === undefined ? {} : { nbf: version.notBefore }),
    ...(version.expires === undefined ? {} : { exp: version.expires }),
    created: version.created,
    updated: version.updated,
    recoveryLevel: recoveryLevel(recoverableDays, purgeProtection),
    ...(recoverableDays > 0 && isApiVersionSince(apiVersion, '7.1') ? { recoverableDays } : {}),
  };
}

function recoveryLevel(recoverableDays: number, purgeProtection: boolean): string {
  if (recoverableDays === 0) return 'Purgeable';
  const level = recoverableDays === 90 ? 'Recoverable' : 'CustomizedRecoverable';
  return purgeProtection ? level : `${level}+Purgeable`;
}

/** Properties as in lists and in answers to update, recover and restore: no value. */
export function secretProperties(
  scope: BundleScope,
  name: string,
  version: SecretVersion,
  idVersion: string | undefined,
): object {
  return {
    ...(version.contentType === undefined ? {} : { contentType: version.contentType }),
    id: secretId(scope.vault, name, idVersion),
    ...(version.managed ? { managed: true } : {}),
    attributes: attributesOf(scope, version),
    ...(version.tags === undefined ? {} : { tags: version.tags }),
  };
}

export function secretBundle(scope: BundleScope, name: string, version: SecretVersion): object {
  return {
    value: version.value,
    ...secretProperties(scope, name, version, version.id),
    ...(version.managed ? { kid: keyId(scope.vault, name, version.id) } : {}),
  };
}

export function keyId(vault: Vault, name: string, version: string): string {
  return `https://${vaultHost(vault)}/keys/${name}/${version}`;
}

/** Deleted in a vault without soft delete: no recovery id and no dates. */
export function deletedBundle(
  scope: BundleScope,
  secret: StoredSecret,
  idVersion: string | undefined,
): object {
  const properties = secretProperties(scope, secret.name, secret.newest, idVersion);
  const { recoverableDays } = scope.vault.settings;
  if (secret.deletedAtMs === undefined || recoverableDays === 0) return properties;
  const deletedDate = Math.floor(secret.deletedAtMs / 1000);
  return {
    recoveryId: `https://${vaultHost(scope.vault)}/deletedsecrets/${secret.name}`,
    deletedDate,
    scheduledPurgeDate: deletedDate + recoverableDays * 86_400,
    ...properties,
  };
}
