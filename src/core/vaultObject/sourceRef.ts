import type { TokenResource } from '../../api/accessToken.ts';
import type { DataEntry } from '../../api/dataEntry.ts';
import type { Redacted } from '../redacted.ts';
import { refKey, type KeyVaultSecretRef } from './keyVaultSecret.ts';

/** A token of Microsoft Entra ID that is itself the value. */
export interface AccessTokenRef {
  /** For example https://database.windows.net/.default */
  readonly scope: string;
}

/** A login to an Azure Container Registry. */
export interface ContainerRegistryRef {
  readonly server: string;
}

/** What an entry of `spec.data` is made from. */
export type SourceRef = KeyVaultSecretRef | AccessTokenRef | ContainerRegistryRef;

/** What was read or obtained of a source. */
export interface SourceValue {
  /** Told apart by it; of a token its expiry. */
  readonly version: string;
  readonly value: Redacted<string>;
  /** Seconds since the Unix epoch. */
  readonly expiresOn?: number;
  /** Seconds since the Unix epoch: another one takes its place. */
  readonly supersededAt?: number;
}

/** https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/services-id-authentication-support */
const scopes: Readonly<Record<TokenResource, string>> = {
  arm: 'https://management.azure.com/.default',
  keyVault: 'https://vault.azure.net/.default',
  dataLake: 'https://datalake.azure.net/.default',
  sql: 'https://database.windows.net/.default',
  eventHubs: 'https://eventhubs.azure.net/.default',
  serviceBus: 'https://servicebus.azure.net/.default',
  storage: 'https://storage.azure.com/.default',
};

/** What registries take: https://github.com/Azure/azure-sdk-for-js, sdk/containerregistry */
const registryScope = 'https://containerregistry.azure.net/.default';

/** The schema lets an entry have exactly one of them. */
export function refOf({ secret, accessToken, containerRegistry }: DataEntry): SourceRef {
  if (accessToken !== undefined) return { scope: scopeOf(accessToken.resource) };
  if (containerRegistry !== undefined) return { server: containerRegistry.server };
  if (secret === undefined) throw new TypeError('a data entry without a source');
  const { name, version } = secret;
  return version === undefined ? { name } : { name, version };
}

export function scopeOf(resource: string): string {
  return isNamed(resource) ? scopes[resource] : resource;
}

function isNamed(resource: string): resource is TokenResource {
  return Object.hasOwn(scopes, resource);
}

/** Which token is asked of Microsoft Entra ID. */
export function tokenScopeOf(ref: AccessTokenRef | ContainerRegistryRef): string {
  return 'scope' in ref ? ref.scope : registryScope;
}

/** Key of what was fetched and of the sync record, safe to log; no name of an object is like a scope or a server. */
export function sourceKey(ref: SourceRef): string {
  if ('scope' in ref) return ref.scope;
  return 'server' in ref ? ref.server : refKey(ref);
}

export function entryKey(entry: DataEntry): string {
  return sourceKey(refOf(entry));
}

/** Everything but what lies in Key Vault: made for this Secret, and again before it expires. */
export function isToken(ref: SourceRef): ref is AccessTokenRef | ContainerRegistryRef {
  return !('name' in ref);
}
