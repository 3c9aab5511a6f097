import type { TokenResource } from '../../api/accessToken.ts';
import type { Cloud, CloudName } from '../../api/cloud.ts';
import type { AccessTokenRef, ContainerRegistryRef } from './sourceRef.ts';

/**
 * https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/services-id-authentication-support
 * Storage, Event Hubs and Service Bus have one for all clouds.
 */
const everywhere: Readonly<Partial<Record<TokenResource, string>>> = {
  eventHubs: 'https://eventhubs.azure.net/.default',
  serviceBus: 'https://servicebus.azure.net/.default',
  storage: 'https://storage.azure.com/.default',
};

/** Endpoints by cloud: https://learn.microsoft.com/en-us/azure/azure-government/compare-azure-government-global-azure, https://learn.microsoft.com/en-us/azure/china/resources-developer-guide */
const byCloud: Readonly<Record<CloudName, Readonly<Partial<Record<TokenResource, string>>>>> = {
  AzurePublic: {
    arm: 'https://management.azure.com/.default',
    dataLake: 'https://datalake.azure.net/.default',
    sql: 'https://database.windows.net/.default',
  },
  AzureChina: {
    arm: 'https://management.chinacloudapi.cn/.default',
    sql: 'https://database.chinacloudapi.cn/.default',
  },
  AzureUSGovernment: {
    arm: 'https://management.usgovcloudapi.net/.default',
    sql: 'https://database.usgovcloudapi.net/.default',
  },
};

const registrySuffixes: Readonly<Record<CloudName, string>> = {
  AzurePublic: '.azurecr.io',
  AzureChina: '.azurecr.cn',
  AzureUSGovernment: '.azurecr.us',
};

/** What registries take: https://github.com/Azure/azure-sdk-for-js, sdk/containerregistry */
const registryScope = 'https://containerregistry.azure.net/.default';

/** Which token is asked of Microsoft Entra ID; undefined where the cloud has no such resource that is known, or not this registry. */
export function tokenScope(
  ref: AccessTokenRef | ContainerRegistryRef,
  cloud: Cloud,
): string | undefined {
  if ('resource' in ref) return resourceScope(ref.resource, cloud);
  const { name } = cloud;
  const isOfCloud = name !== 'Custom' && ref.server.endsWith(registrySuffixes[name]);
  return isOfCloud ? registryScope : undefined;
}

export function resourceScope(resource: string, { name, scope }: Cloud): string | undefined {
  if (resource.includes(':')) return resource;
  if (resource === 'keyVault') return scope;
  if (name === 'Custom') return undefined;
  return Object.entries({ ...everywhere, ...byCloud[name] }).find(([key]) => key === resource)?.[1];
}
