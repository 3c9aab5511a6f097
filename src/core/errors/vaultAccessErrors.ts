import type { CatalogueEntry } from './catalogueEntry.ts';

export const assignRole =
  'az role assignment create --role "Key Vault Secrets User" --assignee {clientId} --scope "$(az keyvault show --name {vaultName} --query id --output tsv)"';
export const setPolicy =
  'az keyvault set-policy --name {vaultName} --spn {clientId} --secret-permissions get list';

/** VS3xx too: the way into a vault. */
export const vaultAccessErrors = {
  KeyVaultRoleMissing: {
    code: 'VS315',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message:
      'Client {clientId} has no role that lets it read secret {object} in Key Vault {vaultHost} ({innerCode}).',
    remedy: `Run: ${assignRole}; it takes effect within ten minutes. For this secret alone end the scope with /secrets/{objectName}.`,
  },
  KeyVaultPolicyMissing: {
    code: 'VS316',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message:
      'The access policies of Key Vault {vaultHost} do not let client {clientId} read secret {object} ({innerCode}).',
    remedy: `Run: ${setPolicy}`,
  },
  KeyVaultPublicAccessDisabled: {
    code: 'VS317',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message:
      'Key Vault {vaultHost} lets in private endpoints only, and the request came another way ({innerCode}); its rights were not judged.',
    remedy:
      'See that {vaultHost} resolves to the address of its private endpoint in the cluster. Without one, run: az network private-endpoint create --name {vaultName} --connection-name {vaultName} --resource-group <group> --vnet-name <network of the cluster> --subnet <subnet> --group-id vault --private-connection-resource-id "$(az keyvault show --name {vaultName} --query id --output tsv)"; or: az keyvault update --name {vaultName} --public-network-access Enabled',
  },
  KeyVaultHostUnknown: {
    code: 'VS318',
    retry: 'backoff',
    actor: 'application team',
    message:
      'The name {vaultHost} does not resolve ({cause}): there is no such Key Vault, or its private DNS zone does not know it.',
    remedy:
      'Correct the vault URL; az keyvault list --query "[].properties.vaultUri" --output tsv prints those that exist. A deleted vault comes back with: az keyvault recover --name {vaultName}',
  },
  KeyVaultTokenRefused: {
    code: 'VS319',
    retry: 'backoff',
    actor: 'nobody',
    message: 'Key Vault {vaultHost} does not take the token of client {clientId} ({innerCode}).',
    remedy:
      'It is tried again with a new token. If it lasts, this must print {tenantId}: az keyvault show --name {vaultName} --query properties.tenantId --output tsv',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;

/** The identity came in, and lacks the right. */
export function isRightMissing(reason: string): boolean {
  return (
    reason === 'KeyVaultForbidden' ||
    reason === 'KeyVaultRoleMissing' ||
    reason === 'KeyVaultPolicyMissing'
  );
}
