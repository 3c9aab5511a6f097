import type { DataEntry } from '../../api/dataEntry.ts';
import type { Redacted } from '../redacted.ts';
import { refKey, type KeyVaultSecretRef } from './keyVaultSecret.ts';

/** A token of Microsoft Entra ID that is itself the value. */
export interface AccessTokenRef {
  /** One of the known names, or a scope. */
  readonly resource: string;
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

/** The schema lets an entry have exactly one of them. */
export function refOf({ secret, accessToken, containerRegistry }: DataEntry): SourceRef {
  if (accessToken !== undefined) return { resource: accessToken.resource };
  if (containerRegistry !== undefined) return { server: containerRegistry.server };
  if (secret === undefined) throw new TypeError('a data entry without a source');
  const { name, version } = secret;
  return version === undefined ? { name } : { name, version };
}

/** Key of what was fetched and of the sync record, safe to log; no name of an object has a colon or a dot. */
export function sourceKey(ref: SourceRef): string {
  if ('resource' in ref) return `accessToken:${ref.resource}`;
  return 'server' in ref ? ref.server : refKey(ref);
}

export function entryKey(entry: DataEntry): string {
  return sourceKey(refOf(entry));
}

/** As its owner wrote it. */
export function entryName(entry: DataEntry): string {
  const ref = refOf(entry);
  if ('name' in ref) return ref.name;
  return 'server' in ref ? ref.server : ref.resource;
}

/** Everything but what lies in Key Vault: made for this Secret, and again before it expires. */
export function isToken(ref: SourceRef): ref is AccessTokenRef | ContainerRegistryRef {
  return !('name' in ref);
}
