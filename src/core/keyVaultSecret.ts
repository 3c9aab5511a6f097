import type { Redacted } from './redacted.ts';

/** Which version of which object is wanted; without `version` the last created one. */
export interface KeyVaultSecretRef {
  readonly name: string;
  readonly version?: string | undefined;
}

export interface KeyVaultSecret {
  readonly name: string;
  readonly version: string;
  readonly value: Redacted<string>;
  /** Seconds since the Unix epoch, as Key Vault keeps it. */
  readonly expiresOn?: number;
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
