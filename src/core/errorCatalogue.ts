/**
 * When it is worth trying again. `backoff`: it may pass by itself. `throttled`: when the service allows.
 * `awaitChange`: somebody must change something that our watches see. `pollChange`: the same, but no watch sees it.
 */
export type RetryClass = 'backoff' | 'throttled' | 'awaitChange' | 'pollChange';

/** Who can end the failure. */
export type Actor = 'application team' | 'cluster administrator' | 'Azure administrator' | 'nobody';

export interface CatalogueEntry {
  /** Stable, searchable; never given to another meaning. */
  readonly code: string;
  readonly retry: RetryClass;
  readonly actor: Actor;
  /** `{name}` is filled from the error's details. */
  readonly message: string;
  readonly remedy: string;
}

/** Key: the condition reason. The README's table of errors is generated from here. */
export const errorCatalogue = {
  InvalidSpec: {
    code: 'VS101',
    retry: 'awaitChange',
    actor: 'application team',
    message: 'The spec is not valid: {field} {problem}.',
    remedy: 'Correct the field; `kubectl explain vaultsecret.spec` describes it.',
  },
  ServiceAccountNotFound: {
    code: 'VS111',
    retry: 'awaitChange',
    actor: 'application team',
    message: 'ServiceAccount {serviceAccount} does not exist in namespace {namespace}.',
    remedy: 'Run: kubectl create serviceaccount {serviceAccount} --namespace {namespace}',
  },
  ClientIdMissing: {
    code: 'VS112',
    retry: 'awaitChange',
    actor: 'application team',
    message:
      'ServiceAccount {serviceAccount} names no identity: its annotation azure.workload.identity/client-id is missing.',
    remedy:
      'Run: kubectl annotate serviceaccount {serviceAccount} --namespace {namespace} azure.workload.identity/client-id=<client id of the managed identity>',
  },
  TenantIdMissing: {
    code: 'VS113',
    retry: 'awaitChange',
    actor: 'cluster administrator',
    message:
      'No tenant is known for ServiceAccount {serviceAccount}: it has no annotation azure.workload.identity/tenant-id and the controller has no default.',
    remedy:
      'Start the controller with --azure-tenant-id, or run: kubectl annotate serviceaccount {serviceAccount} --namespace {namespace} azure.workload.identity/tenant-id=<tenant id>',
  },
  IdentityInvalid: {
    code: 'VS114',
    retry: 'awaitChange',
    actor: 'application team',
    message: 'Annotation {annotation} of ServiceAccount {serviceAccount} is not a UUID.',
    remedy:
      'Run: kubectl annotate --overwrite serviceaccount {serviceAccount} --namespace {namespace} {annotation}=<UUID>',
  },
  TokenRequestRefused: {
    code: 'VS120',
    retry: 'backoff',
    actor: 'cluster administrator',
    message: 'The API server gave no token for ServiceAccount {serviceAccount} (status {status}).',
    remedy:
      'See that the controller may create serviceaccounts/token in namespace {namespace}: the chart grants it.',
  },
  FederatedCredentialNotFound: {
    code: 'VS201',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message:
      'Microsoft Entra ID knows no federated credential of client {clientId} that matches the {mismatch} of ServiceAccount {serviceAccount} ({aadsts}).',
    remedy:
      'Run: az identity federated-credential create --name {namespace}-{serviceAccount} --identity-name <managed identity> --resource-group <group> --issuer {issuer} --subject {subject} --audiences api://AzureADTokenExchange',
  },
  TenantNotFound: {
    code: 'VS202',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message: 'Microsoft Entra ID knows no tenant {tenantId} ({aadsts}).',
    remedy:
      'Correct the annotation azure.workload.identity/tenant-id of ServiceAccount {serviceAccount} or the --azure-tenant-id of the controller; `az account show --query tenantId` prints yours.',
  },
  ApplicationNotFound: {
    code: 'VS203',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'Tenant {tenantId} has no application or managed identity with client id {clientId} ({aadsts}).',
    remedy:
      'Correct the annotation azure.workload.identity/client-id of ServiceAccount {serviceAccount}; `az identity list --query "[].{name:name, clientId:clientId}"` prints the client ids.',
  },
  VaultInOtherTenant: {
    code: 'VS204',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'Key Vault {vaultHost} belongs to another tenant than {tenantId}, the tenant of ServiceAccount {serviceAccount}.',
    remedy:
      'Set the annotation azure.workload.identity/tenant-id of ServiceAccount {serviceAccount} to the tenant of the vault: az keyvault show --name {vaultName} --query properties.tenantId',
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
    message: 'Microsoft Entra ID did not answer ({cause}).',
    remedy:
      'It is tried again. If it lasts: see that the controller reaches {authorityHost} on port 443.',
  },
  KeyVaultSecretNotFound: {
    code: 'VS301',
    retry: 'pollChange',
    actor: 'application team',
    message: 'Key Vault {vaultHost} has no secret {object}.',
    remedy:
      'Run: az keyvault secret set --vault-name {vaultName} --name {objectName} --file <file>; or correct spec.data[].secret.',
  },
  KeyVaultSecretDisabled: {
    code: 'VS302',
    retry: 'pollChange',
    actor: 'application team',
    message: 'Secret {object} in Key Vault {vaultHost} is disabled.',
    remedy:
      'Run: az keyvault secret set-attributes --vault-name {vaultName} --name {objectName} --enabled true',
  },
  KeyVaultForbidden: {
    code: 'VS303',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message:
      'Client {clientId} may not read secret {object} in Key Vault {vaultHost} ({innerCode}).',
    remedy:
      'With RBAC run: az role assignment create --role "Key Vault Secrets User" --assignee {clientId} --scope "$(az keyvault show --name {vaultName} --query id --output tsv)"; with access policies: az keyvault set-policy --name {vaultName} --spn {clientId} --secret-permissions get list',
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
    message: 'Key Vault {vaultHost} could not be reached ({cause}).',
    remedy:
      'It is tried again. If it lasts: see that the vault exists (az keyvault show --name {vaultName}) and that the cluster resolves and reaches {vaultHost}.',
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
    retry: 'pollChange',
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
      'The host {vaultHost} did not prove to be a Key Vault: its challenge names another resource. No token was sent.',
    remedy:
      'Correct spec.vaultUrl; az keyvault show --name {vaultName} --query properties.vaultUri prints it.',
  },
  ValueNotDecodable: {
    code: 'VS310',
    retry: 'pollChange',
    actor: 'application team',
    message: 'The value of secret {object} for data key {dataKey} is not {encoding}.',
    remedy: 'Store it encoded, or remove spec.data[].decode for this key.',
  },
  TargetOwnedByOther: {
    code: 'VS401',
    retry: 'pollChange',
    actor: 'application team',
    message: 'Secret {secret} already exists and belongs to {owner}. It was not touched.',
    remedy:
      'Choose another spec.target.name, or remove that Secret: kubectl delete secret {secret} --namespace {namespace}',
  },
  SecretWriteForbidden: {
    code: 'VS403',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message: 'The API server does not let the controller write Secret {secret} (status 403).',
    remedy: "See the controller's ClusterRole and the admission policies of namespace {namespace}.",
  },
  SecretRefused: {
    code: 'VS404',
    retry: 'pollChange',
    actor: 'application team',
    message: 'The API server refused Secret {secret} (status {status}, field {field}).',
    remedy: 'Correct spec.target; kubectl explain secret describes the fields.',
  },
  SecretTooLarge: {
    code: 'VS405',
    retry: 'awaitChange',
    actor: 'application team',
    message: 'Secret {secret} would be too large: {part} has {size} bytes, {limit} are allowed.',
    remedy: 'Split spec.data over several VaultSecrets.',
  },
  ApiServerUnavailable: {
    code: 'VS406',
    retry: 'backoff',
    actor: 'nobody',
    message: 'The API server did not take the write (status {status}).',
    remedy: 'It is tried again.',
  },
  InternalError: {
    code: 'VS900',
    retry: 'backoff',
    actor: 'nobody',
    message: 'Something that the controller does not know went wrong ({cause}).',
    remedy: "It is tried again. The controller's log has the details; please report it.",
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;

export type ErrorReason = keyof typeof errorCatalogue;

/** Somebody must act: it will not pass by itself. */
export function isDefinite(reason: ErrorReason): boolean {
  const { retry } = errorCatalogue[reason];
  return retry === 'awaitChange' || retry === 'pollChange';
}
