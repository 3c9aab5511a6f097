import type { CatalogueEntry } from './catalogueEntry.ts';

/** Both names that the commands for federated credentials leave open. */
const identityNames =
  'az identity list --query "[?clientId==\'{clientId}\'].[name, resourceGroup]" --output tsv prints the two names.';

/** VS2xx: Microsoft Entra ID. */
export const entraErrors = {
  FederatedCredentialNotFound: {
    code: 'VS201',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message:
      'No federated credential of client {clientId} fits subject {subject} of issuer {issuer} ({aadsts}).',
    remedy: `Run: az identity federated-credential create --name {credential} --identity-name <managed identity> --resource-group <group> --issuer {issuer} --subject {subject} --audiences api://AzureADTokenExchange; ${identityNames}`,
  },
  TenantNotFound: {
    code: 'VS202',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message: 'Microsoft Entra ID knows no tenant {tenantId} ({aadsts}).',
    remedy: '{tenantCommand}; az account show --query tenantId --output tsv prints yours.',
  },
  ApplicationNotFound: {
    code: 'VS203',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'Tenant {tenantId} has no application or managed identity with client id {clientId} ({aadsts}).',
    remedy:
      '{clientCommand}; az identity list --query "[].[name, clientId]" --output tsv prints the managed identities, and az ad app list --all --query "[].[displayName, appId]" --output tsv the applications.',
  },
  VaultInOtherTenant: {
    code: 'VS204',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'Key Vault {vaultHost} belongs to another tenant than {tenantId}, where client {clientId} is asked for.',
    remedy:
      'Use a vault of tenant {tenantId}; or, if the client exists in the tenant of the vault as well: {tenantCommand}',
  },
  EntraRefused: {
    code: 'VS205',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message:
      'Microsoft Entra ID refused a token for client {clientId} in tenant {tenantId} ({aadsts}).',
    remedy: 'Look the code up at https://login.microsoftonline.com/error?code={aadstsNumber}',
  },
  EntraUnavailable: {
    code: 'VS206',
    retry: 'backoff',
    actor: 'nobody',
    message: 'Microsoft Entra ID did not answer as it should ({cause}).',
    remedy:
      'It is tried again. If it lasts: see that the controller reaches {authorityHost}; https://azure.status.microsoft shows known outages.',
  },
  FederatedIssuerNotFound: {
    code: 'VS207',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message:
      'Client {clientId} has no federated credential for issuer {issuer}, the one of this cluster ({aadsts}).',
    remedy: `It is compared exactly, a slash at the end included. Run: az identity federated-credential create --name {credential} --identity-name <managed identity> --resource-group <group> --issuer {issuer} --subject {subject} --audiences api://AzureADTokenExchange; ${identityNames}`,
  },
  FederatedAudienceMismatch: {
    code: 'VS208',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message:
      'The federated credential of client {clientId} for subject {subject} has another audience than api://AzureADTokenExchange ({aadsts}).',
    remedy: `Run: az identity federated-credential update --name <credential> --identity-name <managed identity> --resource-group <group> --issuer {issuer} --subject {subject} --audiences api://AzureADTokenExchange; ${identityNames}`,
  },
  FederatedSubjectCaseMismatch: {
    code: 'VS209',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message:
      'The federated credential of client {clientId} for issuer {issuer} writes subject {subject} with other capitals ({aadsts}).',
    remedy: `Run: az identity federated-credential update --name <credential> --identity-name <managed identity> --resource-group <group> --issuer {issuer} --subject {subject} --audiences api://AzureADTokenExchange; ${identityNames}`,
  },
  IdentityDisabled: {
    code: 'VS210',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message: 'Client {clientId} is disabled in tenant {tenantId} ({aadsts}).',
    remedy: 'Run: az ad sp update --id {clientId} --set accountEnabled=true',
  },
  ConditionalAccessBlocked: {
    code: 'VS211',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message:
      'A conditional access policy of tenant {tenantId} blocks client {clientId} ({aadsts}).',
    remedy:
      'Let the policy pass the address from which the cluster reaches Microsoft Entra ID, or take the client out of it. Policies for workloads: az rest --url https://graph.microsoft.com/v1.0/identity/conditionalAccess/policies --query "value[?conditions.clientApplications.includeServicePrincipals].[displayName, state]"',
  },
  IssuerUnreachable: {
    code: 'VS212',
    retry: 'backoff',
    actor: 'cluster administrator',
    message:
      'Microsoft Entra ID could not fetch the keys of issuer {issuer}, which signs the tokens of this cluster ({aadsts}).',
    remedy:
      'It is tried again. If it lasts: the internet must be able to read it: curl {discoveryUrl}',
  },
  IssuerKeyMismatch: {
    code: 'VS213',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message:
      'The keys that issuer {issuer} publishes do not verify the token of ServiceAccount {serviceAccount} ({aadsts}).',
    remedy:
      'The jwks_uri in {discoveryUrl} must show what this prints: kubectl get --raw /openid/v1/jwks',
  },
  AssertionOutOfTime: {
    code: 'VS214',
    retry: 'backoff',
    actor: 'cluster administrator',
    message:
      'For Microsoft Entra ID the token of ServiceAccount {serviceAccount} has expired or is not valid yet ({aadsts}).',
    remedy:
      'It is tried again with a new token. If it lasts, the clock of the control plane is wrong; its Date is in: kubectl get --raw /version --v=8',
  },
  KeyVaultNotInTenant: {
    code: 'VS215',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message:
      'Tenant {tenantId} of client {clientId} does not know Key Vault as a service, or has it disabled ({aadsts}).',
    remedy:
      'Run: az ad sp create --id cfa8b339-82a2-471a-a3c9-0fc0be7a4093; or, if it exists: az ad sp update --id cfa8b339-82a2-471a-a3c9-0fc0be7a4093 --set accountEnabled=true',
  },
  IssuerKeyUnknown: {
    code: 'VS217',
    retry: 'backoff',
    actor: 'cluster administrator',
    message:
      'Microsoft Entra ID has not seen the key with which issuer {issuer} signed the token of ServiceAccount {serviceAccount} ({aadsts}).',
    remedy:
      'It is tried again; a new key may take it half an hour. If it lasts, the jwks_uri in {discoveryUrl} must show what this prints: kubectl get --raw /openid/v1/jwks',
  },
  EntraThrottled: {
    code: 'VS216',
    retry: 'throttled',
    actor: 'nobody',
    message: 'Microsoft Entra ID takes no more requests for the moment ({cause}).',
    remedy: 'It is tried again when Microsoft Entra ID allows.',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
