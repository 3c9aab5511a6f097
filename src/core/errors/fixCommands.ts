import { identityUseRights } from '../identityBinding.ts';
import type { ErrorReason } from './errorCatalogue.ts';
import type { ErrorDetails } from './errors.ts';
import { assignRole, setPolicy } from './vaultAccessErrors.ts';

const identityName = `"$(az identity list --query "[?clientId=='{clientId}'].name" --output tsv)"`;
const identityGroup = `"$(az identity list --query "[?clientId=='{clientId}'].resourceGroup" --output tsv)"`;
const identity = `--identity-name ${identityName} --resource-group ${identityGroup}`;
const trust = '--issuer {issuer} --subject {subject} --audiences api://AzureADTokenExchange';
/** Creates or overwrites: https://learn.microsoft.com/en-us/rest/api/managedidentity/federated-identity-credentials/create-or-update */
const createCredential = `az identity federated-credential create --name {credential} ${identity} ${trust}`;
/** Two of the same issuer and subject are refused, so the one that is there must change. */
const updateCredential = `az identity federated-credential update --name "$(az identity federated-credential list ${identity} --query "[?subject=='{subject}'].name" --output tsv)" ${identity} ${trust}`;

const annotate =
  'kubectl annotate --overwrite serviceaccount {serviceAccount} --namespace {namespace}';
const nameClient = `${annotate} azure.workload.identity/client-id="<client id of the managed identity>"`;
const nameTenant = `${annotate} azure.workload.identity/tenant-id="$(az keyvault show --name {vaultName} --query properties.tenantId --output tsv)"`;
const patchSpec = (patch: string): string =>
  `kubectl patch vaultsecret {vaultSecret} --namespace {namespace} --type merge --patch '${patch}'`;
const patchVaultUrl = `kubectl patch {vaultOwner} --type merge --patch '{"spec":{"vaultUrl":"<URL of the vault>"}}'`;
const serviceAccount = { namespace: '{namespace}', name: '{serviceAccount}' };
const identityUse = {
  apiVersion: 'v1',
  kind: 'List',
  items: identityUseRights('{clientId}', serviceAccount),
};
/** The client secret goes from one command to the other and is not printed. */
const renewSecret = `kubectl patch secret {secret} --namespace {namespace} --type merge --patch '{"stringData":{"{key}":"'"$(az ad app credential reset --id {clientId} --append --query password --output tsv)"'"}}'`;
const patchPrincipal = (field: string): string =>
  `kubectl patch {vaultOwner} --type merge --patch '{"spec":{"servicePrincipal":{${field}}}}'`;
const renameTarget = patchSpec('{"spec":{"target":{"name":"<name of a new Secret>"}}}');
const setAttributes = 'az keyvault secret set-attributes --id https://{vaultHost}/secrets/{object}';

/**
 * What ends a failure, ready for a shell; angle brackets stand for what only its reader can know. Of several the next
 * is for when the one before finds nothing to do. Where a remedy speaks of no single command, there is none.
 */
const fixCommands: Readonly<Partial<Record<ErrorReason, readonly string[]>>> = {
  InvalidSpec: ['kubectl edit vaultsecret {vaultSecret} --namespace {namespace}'],
  IdentityMissing: [patchSpec('{"spec":{"serviceAccountName":"<ServiceAccount>"}}')],
  ConnectionInvalid: ['kubectl edit {kind} {connection} --namespace {namespace}'],
  VaultConnectionNotFound: [
    patchSpec('{"spec":{"vaultConnectionRef":{"name":"<VaultConnection>"}}}'),
  ],
  ClusterVaultConnectionNotAvailable: [
    `kubectl patch clustervaultconnection {connection} --type json --patch '[{"op":"add","path":"/spec/allowedNamespaces/names/-","value":"{namespace}"}]'`,
  ],
  ObjectNotLent: ['kubectl edit clustervaultconnection {connection}'],
  ServiceAccountNotFound: [
    `kubectl create serviceaccount {serviceAccount} --namespace {namespace} && ${nameClient}`,
  ],
  ServiceAccountTerminating: [patchSpec('{"spec":{"serviceAccountName":"<ServiceAccount>"}}')],
  ClientIdMissing: [nameClient],
  IdentityInvalid: [`${annotate} {annotation}=<UUID>`],
  TenantIdMissing: [nameTenant],
  CredentialSecretNotFound: [
    'kubectl label secret {secret} --namespace {namespace} vaultsecret.dev/credential=true',
  ],
  ClientSecretWrong: [renewSecret],
  ClientSecretExpired: [renewSecret],
  TokenRequestForbidden: [
    'kubectl create role token-of-{serviceAccount} --namespace {namespace} --verb create --resource serviceaccounts/token --resource-name {serviceAccount} && kubectl create rolebinding token-of-{serviceAccount} --namespace {namespace} --role token-of-{serviceAccount} --user {user}',
  ],
  IdentityBindingMissing: [`echo '${JSON.stringify(identityUse)}' | kubectl apply --filename -`],
  TenantNotFound: [nameTenant],
  VaultInOtherTenant: [nameTenant],
  ApplicationNotFound: [nameClient],
  FederatedCredentialNotFound: [createCredential],
  FederatedIssuerNotFound: [createCredential],
  FederatedSubjectCaseMismatch: [createCredential],
  FederatedAudienceMismatch: [updateCredential],
  IdentityDisabled: ['az ad sp update --id {clientId} --set accountEnabled=true'],
  KeyVaultNotInTenant: ['az ad sp create --id cfa8b339-82a2-471a-a3c9-0fc0be7a4093'],
  KeyVaultHostUnknown: ['az keyvault recover --name {vaultName}', patchVaultUrl],
  VaultNotTrusted: [patchVaultUrl],
  KeyVaultRoleMissing: [assignRole],
  KeyVaultPolicyMissing: [setPolicy],
  KeyVaultForbidden: [assignRole, setPolicy],
  KeyVaultListForbidden: [assignRole, setPolicy],
  KeyVaultNetworkForbidden: [
    'az keyvault network-rule add --name {vaultName} --ip-address {clientAddress}',
  ],
  KeyVaultPublicAccessDisabled: [
    'az network private-dns link vnet create --name {vaultName} --resource-group <group of the zone> --zone-name privatelink.vaultcore.azure.net --virtual-network <network of the cluster> --registration-enabled false',
    'az keyvault update --name {vaultName} --public-network-access Enabled',
  ],
  KeyVaultSecretNotFound: [
    'az keyvault secret set --vault-name {vaultName} --name {objectName} --file <file>',
  ],
  KeyVaultSecretDeleted: [
    'az keyvault secret recover --vault-name {vaultName} --name {objectName}',
  ],
  KeyVaultVersionNotFound: [
    `kubectl patch vaultsecret {vaultSecret} --namespace {namespace} --type json --patch '[{"op":"remove","path":"/spec/data/{index}/secret/version"}]'`,
  ],
  KeyVaultSecretDisabled: [`${setAttributes} --enabled true`],
  KeyVaultSecretNotYetValid: [`${setAttributes} --not-before "$(date -u +%Y-%m-%dT%H:%M:%SZ)"`],
  KeyVaultSecretExpired: [
    'az keyvault secret set --vault-name {vaultName} --name {objectName} --file <file>',
    `${setAttributes} --expires <time>`,
  ],
  TargetOwnedByOther: [renameTarget],
  TargetOwnedByVaultSecret: [renameTarget],
  TargetIsCredential: [renameTarget],
  TargetNotLabelled: [
    'kubectl label secret {secret} --namespace {namespace} vaultsecret.dev/managed=true',
  ],
  SecretImmutable: ['kubectl delete secret {secret} --namespace {namespace}'],
  PolicyRefused: ['kubectl describe {policyResource} {name}'],
  QuotaExceeded: ['kubectl describe resourcequota {name} --namespace {namespace}'],
};

/** Where an application reads, and no ServiceAccount is there to be annotated. */
const principalCommands: typeof fixCommands = {
  ApplicationNotFound: [patchPrincipal('"clientId":"<client id of the application>"')],
  TenantNotFound: [patchPrincipal('"tenantId":"<tenant id of the application>"')],
  VaultInOtherTenant: [patchPrincipal('"tenantId":"<tenant id of the vault>"')],
};

export function fixCommandsOf(reason: ErrorReason, details: ErrorDetails): readonly string[] {
  const isPrincipal = details['principal'] !== undefined;
  const templates =
    (isPrincipal ? principalCommands[reason] : undefined) ?? fixCommands[reason] ?? [];
  return templates.map((template) =>
    template.replace(/\{(\w+)\}/g, (hole, name: string) => String(details[name] ?? hole)),
  );
}
