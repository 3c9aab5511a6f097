import type { CatalogueEntry } from './catalogueEntry.ts';
import { assignRole, setPolicy } from './vaultAccessErrors.ts';

/** VS3xx: Key Vault and what was read there. */
export const keyVaultErrors = {
  KeyVaultSecretNotFound: {
    code: 'VS301',
    retry: 'pollVault',
    actor: 'application team',
    message: 'Key Vault {vaultHost} has no secret {object}.',
    remedy:
      'Run: az keyvault secret set --vault-name {vaultName} --name {objectName} --file <file>; or correct spec.data[].secret.',
  },
  KeyVaultSecretDisabled: {
    code: 'VS302',
    retry: 'pollVault',
    actor: 'application team',
    message: 'Secret {object} in Key Vault {vaultHost} is disabled, and {others}.',
    remedy:
      'Run: az keyvault secret set-attributes --id https://{vaultHost}/secrets/{object} --enabled true',
  },
  KeyVaultForbidden: {
    code: 'VS303',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message:
      'Client {clientId} may not read secret {object} in Key Vault {vaultHost} ({innerCode}).',
    remedy: `With RBAC run: ${assignRole}; with access policies: ${setPolicy}`,
  },
  KeyVaultThrottled: {
    code: 'VS304',
    retry: 'throttled',
    actor: 'nobody',
    message: 'Key Vault {vaultHost} takes no more requests for the moment.',
    remedy:
      'It is tried again when the vault allows. If it lasts: raise spec.refreshInterval, or spread the secrets over more vaults.',
  },
  KeyVaultUnreachable: {
    code: 'VS305',
    retry: 'backoff',
    actor: 'nobody',
    message: 'The connection to Key Vault {vaultHost} broke off ({cause}).',
    remedy:
      'It is tried again. If it lasts, something on the way breaks connections to {vaultHost}, such as a firewall.',
  },
  KeyVaultFailed: {
    code: 'VS306',
    retry: 'backoff',
    actor: 'nobody',
    message: 'Key Vault {vaultHost} failed (status {status}).',
    remedy: 'It is tried again; https://azure.status.microsoft shows known outages.',
  },
  KeyVaultRefused: {
    code: 'VS307',
    retry: 'pollVault',
    actor: 'application team',
    message:
      'Key Vault {vaultHost} refused to read secret {object} (status {status}, {innerCode}).',
    remedy:
      'Compare with: az keyvault secret show --vault-name {vaultName} --name {objectName} --query id',
  },
  VaultNotTrusted: {
    code: 'VS308',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'The host {vaultHost} did not prove to be a Key Vault: its challenge names another resource or authority. No token was sent.',
    remedy:
      'Correct spec.vaultUrl; az keyvault show --name {vaultName} --query properties.vaultUri prints it.',
  },
  KeyVaultNetworkForbidden: {
    code: 'VS309',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message:
      'The firewall of Key Vault {vaultHost} keeps out {clientAddress}, from where the request comes ({innerCode}); its rights were not judged.',
    remedy:
      'Run: az keyvault network-rule add --name {vaultName} --ip-address {clientAddress}; in a network security perimeter give that address an access rule instead.',
  },
  ValueNotDecodable: {
    code: 'VS310',
    retry: 'awaitRefresh',
    actor: 'application team',
    message: 'The value of secret {object} for data key {dataKey} is not {encoding}.',
    remedy: 'Store the value as {encoding}, or correct spec.data[].decode of this key.',
  },
  KeyVaultSecretNotYetValid: {
    code: 'VS311',
    retry: 'pollVault',
    actor: 'application team',
    message:
      'Secret {object} in Key Vault {vaultHost} is not valid before {notBefore}, and there is no other version to use instead.',
    remedy:
      'It is used from then on. To use it now run: az keyvault secret set-attributes --id https://{vaultHost}/secrets/{object} --not-before "$(date -u +%Y-%m-%dT%H:%M:%SZ)"',
  },
  KeyVaultSecretExpired: {
    code: 'VS312',
    retry: 'pollVault',
    actor: 'application team',
    message:
      'Secret {object} in Key Vault {vaultHost} expired at {expiresOn}, and there is no other version to use instead.',
    remedy:
      'Run: az keyvault secret set --vault-name {vaultName} --name {objectName} --file <file>; or, if the value is still good: az keyvault secret set-attributes --id https://{vaultHost}/secrets/{object} --expires <time>',
  },
  KeyVaultListForbidden: {
    code: 'VS313',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message:
      'The newest version of secret {object} in Key Vault {vaultHost} is {problem}, and client {clientId} may not list the versions to find one that is usable ({innerCode}).',
    remedy: `With RBAC run: ${assignRole}; with access policies: ${setPolicy}`,
  },
  KeyVaultSecretGone: {
    code: 'VS314',
    retry: 'pollVault',
    actor: 'application team',
    message: 'Key Vault {vaultHost} does not have secret {object} any more: {consequence}.',
    remedy: '{wayBack}; if it is gone for good, remove it from spec.data.',
  },
  KeyVaultConflict: {
    code: 'VS320',
    retry: 'backoff',
    actor: 'nobody',
    message:
      'Secret {object} in Key Vault {vaultHost} is being deleted, recovered or restored ({innerCode}).',
    remedy:
      'It is tried again. If it lasts, run: az keyvault secret list-deleted --vault-name {vaultName} --output table',
  },
  KeyVaultVersionNotFound: {
    code: 'VS321',
    retry: 'pollVault',
    actor: 'application team',
    message: 'Key Vault {vaultHost} has no version {object}.',
    remedy:
      'Correct spec.data[].secret.version; az keyvault secret list-versions --vault-name {vaultName} --name {objectName} --query "[].id" --output tsv prints those that exist.',
  },
  KeyVaultSecretDeleted: {
    code: 'VS322',
    retry: 'pollVault',
    actor: 'application team',
    message:
      'Secret {objectName} in Key Vault {vaultHost} is deleted; until {purgeDate} it can be recovered.',
    remedy:
      'Run: az keyvault secret recover --vault-name {vaultName} --name {objectName}; or correct spec.data[].secret.',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;

/** Key Vault has no such object: a version cannot go without the whole secret. */
export function isNotFound(reason: string): boolean {
  return (
    reason === 'KeyVaultSecretNotFound' ||
    reason === 'KeyVaultVersionNotFound' ||
    reason === 'KeyVaultSecretDeleted'
  );
}
