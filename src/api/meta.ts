export const group = 'vaultsecret.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;

/** On every Secret that the controller writes; its Secret watch selects by it. */
export const managedLabel = `${group}/managed`;
/** `namespace/name` of the VaultSecret that a Secret belongs to. */
export const ownerAnnotation = `${group}/owner`;
/** What a Secret was made from; written in the same request as its data. */
export const syncRecordAnnotation = `${group}/sync-record`;
/** On a VaultSecret: any new value asks for a refresh now. */
export const refreshAnnotation = `${group}/refresh`;

/** https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html */
export const clientIdAnnotation = 'azure.workload.identity/client-id';
export const tenantIdAnnotation = 'azure.workload.identity/tenant-id';

/** The audience that Microsoft Entra ID expects of a federated token. */
export const tokenExchangeAudience = 'api://AzureADTokenExchange';

/** One manager per VaultSecret: with one for all, two of them would silently delete each other's keys. */
export function fieldManagerOf(vaultSecretUid: string): string {
  return `${group}/${vaultSecretUid}`;
}
