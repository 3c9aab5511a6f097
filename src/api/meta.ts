export const group = 'vaultsecret.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;

/** On every Secret that the controller writes; its Secret watch selects by it. */
export const managedLabel = `${group}/managed`;
/** On a Secret of others: its owner lets the VaultConnections of its namespace use it as a credential. */
export const credentialLabel = `${group}/credential`;
/** `namespace/name` of the VaultSecret that a Secret belongs to. */
export const ownerAnnotation = `${group}/owner`;
/** What a Secret was made from; written in the same request as its data. */
export const syncRecordAnnotation = `${group}/sync-record`;
/**
 * The two for `creationPolicy: Merge`, one of each per VaultSecret, because two that apply the same annotation conflict.
 * By uid: a name may be longer than the 63 characters that are allowed.
 */
export const mergeOwnerAnnotation = (vaultSecretUid: string): string =>
  `${ownerAnnotation}.${vaultSecretUid}`;
export const mergeRecordAnnotation = (vaultSecretUid: string): string =>
  `${syncRecordAnnotation}.${vaultSecretUid}`;
/** On a VaultSecret whose keys stand in a Secret of others: they are taken out before it goes. */
export const mergeFinalizer = `${group}/merged-keys`;
/** On a VaultSecret: any new value asks for a refresh now. */
export const refreshAnnotation = `${group}/refresh`;

/** https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html */
export const clientIdAnnotation = 'azure.workload.identity/client-id';
export const tenantIdAnnotation = 'azure.workload.identity/tenant-id';

/**
 * The audience of a federated token, in every cloud: the workload identity webhook asks for no other
 * (azure-workload-identity, pkg/webhook/consts.go), and of one issuer and subject an identity takes one federated
 * credential, so that the one made for a pod must do for us. Those of the clouds (api://AzureADTokenExchangeUSGov,
 * api://AzureADTokenExchangeChina) are for tokens of managed identities:
 * https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
export const tokenExchangeAudience = 'api://AzureADTokenExchange';
/** The one that the proxy for AKS identity bindings expects. https://learn.microsoft.com/en-us/azure/aks/identity-bindings */
export const identityBindingAudience = 'api://AKSIdentityBinding';

/** One manager per VaultSecret: with one for all, two of them would silently delete each other's keys. */
export function fieldManagerOf(vaultSecretUid: string): string {
  return `${group}/${vaultSecretUid}`;
}
