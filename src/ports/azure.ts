import type { Identity } from '../core/observed/identity.ts';
import type { KeyVaultSecret, KeyVaultSecretRef } from '../core/source/keyVaultSecret.ts';
import type { Redacted } from '../core/redacted.ts';
import type {
  AccessTokenRef,
  ContainerRegistryRef,
  SourceValue,
} from '../core/source/sourceRef.ts';
import type { SecretVersion } from '../core/source/validity.ts';

export interface AccessToken {
  readonly token: Redacted<string>;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
  /** For whom, where that shows only in the token itself. */
  readonly clientId?: string;
}

export interface ObtainedToken extends AccessToken {
  /** Milliseconds since the Unix epoch, by our clock. */
  readonly obtainedAt: number;
}

export interface TokenRequest<Of extends Identity = Identity> {
  readonly identity: Of;
  /** For example https://vault.azure.net/.default */
  readonly scope: string;
  readonly refused?: RefusedToken | undefined;
  /** Whether one that is kept is good enough; what is obtained anew always is. */
  readonly accepts?: (token: ObtainedToken) => boolean;
}

/** What a service did not take: no cache gives it out again. */
export interface RefusedToken {
  readonly token: ObtainedToken;
  /** What the service demands of the next one: https://learn.microsoft.com/en-us/entra/identity-platform/claims-challenge */
  readonly claims?: string | undefined;
}

export interface TokenSource<Of extends Identity = Identity> {
  /** @throws ReconcileError of the identity codes */
  acquire(request: TokenRequest<Of>): Promise<ObtainedToken>;
}

/** Makes tokens the values of a Secret. */
export interface TokenReader {
  /** @throws ReconcileError of the identity codes, for a registry also of its own */
  obtain(request: ObtainRequest): Promise<SourceValue>;
}

export interface ObtainRequest {
  readonly identity: Identity;
  readonly ref: AccessTokenRef | ContainerRegistryRef;
}

export interface ReadRequest {
  readonly vaultUrl: string;
  readonly identity: Identity;
  readonly ref: KeyVaultSecretRef;
  /** Ends the read when it is aborted. Reads under way together share the signal of the first. */
  readonly signal?: AbortSignal | undefined;
}

export interface SecretReader {
  /** Equal reads of one identity that are in flight together are one request. @throws ReconcileError of the Key Vault codes */
  read(request: ReadRequest): Promise<KeyVaultSecret>;
  /** All versions of the object, in no order; none when there is no such object. @throws ReconcileError of the Key Vault codes */
  listVersions(request: ReadRequest): Promise<readonly SecretVersion[]>;
}
