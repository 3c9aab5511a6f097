import type { Redacted } from '../redacted.ts';
import type { Validity } from './validity.ts';

/** Which version of which object is wanted; without `version` the newest that is usable. */
export interface KeyVaultSecretRef {
  readonly name: string;
  readonly version?: string | undefined;
}

export interface KeyVaultSecret extends Validity {
  readonly name: string;
  readonly version: string;
  readonly value: Redacted<string>;
  /** Seconds since the Unix epoch: a newer version that is there already becomes valid. */
  readonly supersededAt?: number;
}

/** `name` or `name/version`: key of caches and of fetched results, safe to log. */
export function refKey(ref: KeyVaultSecretRef): string {
  return ref.version === undefined ? ref.name : `${ref.name}/${ref.version}`;
}

/** Host of a vault URL, lower case, without a port. */
export function vaultHostOf(vaultUrl: string): string {
  return new URL(vaultUrl).hostname;
}

export function vaultNameOf(vaultUrl: string): string {
  return vaultHostOf(vaultUrl).split('.', 1)[0] ?? '';
}

/** How explanations name an object. */
export function objectDetails(vaultUrl: string, ref: KeyVaultSecretRef) {
  return {
    vaultHost: vaultHostOf(vaultUrl),
    vaultName: vaultNameOf(vaultUrl),
    object: refKey(ref),
    objectName: ref.name,
    /** Why no other version stands in for one that may not be used. */
    others:
      ref.version === undefined
        ? 'there is no other version to use instead'
        : 'spec.data[].secret.version allows no other version',
  };
}
