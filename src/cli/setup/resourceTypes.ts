import type { HostKind } from './setUp.ts';

export interface ResourceType {
  readonly type: string;
  readonly apiVersion: string;
}

/** Stable versions, as the template reference has them: https://learn.microsoft.com/en-us/azure/templates/ */
export const resourceTypes = {
  /** https://learn.microsoft.com/en-us/azure/templates/microsoft.managedidentity/userassignedidentities */
  identity: {
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
    apiVersion: '2023-01-31',
  },
  /** https://learn.microsoft.com/en-us/azure/templates/microsoft.managedidentity/userassignedidentities/federatedidentitycredentials */
  federatedCredential: {
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials',
    apiVersion: '2023-01-31',
  },
  /** https://learn.microsoft.com/en-us/azure/templates/microsoft.authorization/roleassignments */
  roleAssignment: { type: 'Microsoft.Authorization/roleAssignments', apiVersion: '2022-04-01' },
  /** https://learn.microsoft.com/en-us/azure/templates/microsoft.keyvault/vaults */
  vault: { type: 'Microsoft.KeyVault/vaults', apiVersion: '2023-07-01' },
  /** https://learn.microsoft.com/en-us/azure/templates/microsoft.keyvault/vaults/secrets */
  vaultSecret: { type: 'Microsoft.KeyVault/vaults/secrets', apiVersion: '2023-07-01' },
  /** https://learn.microsoft.com/en-us/azure/templates/microsoft.keyvault/vaults/accesspolicies */
  accessPolicies: { type: 'Microsoft.KeyVault/vaults/accessPolicies', apiVersion: '2023-07-01' },
  /** https://learn.microsoft.com/en-us/azure/templates/microsoft.containerservice/managedclusters */
  cluster: { type: 'Microsoft.ContainerService/managedClusters', apiVersion: '2024-02-01' },
  /** https://learn.microsoft.com/en-us/azure/templates/microsoft.resources/deployments */
  deployment: { type: 'Microsoft.Resources/deployments', apiVersion: '2022-09-01' },
} as const satisfies Readonly<Record<string, ResourceType>>;

export const roleDefinitionType = 'Microsoft.Authorization/roleDefinitions';

const site = { type: 'Microsoft.Web/sites', apiVersion: '2023-12-01' } as const;

/** https://learn.microsoft.com/en-us/azure/templates/microsoft.compute/virtualmachines and microsoft.web/sites */
export const hostTypes: Readonly<Record<HostKind, ResourceType>> = {
  vm: { type: 'Microsoft.Compute/virtualMachines', apiVersion: '2024-07-01' },
  vmss: { type: 'Microsoft.Compute/virtualMachineScaleSets', apiVersion: '2024-07-01' },
  functionapp: site,
  webapp: site,
};
