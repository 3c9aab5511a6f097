import type { ObservedCredential } from '../core/observed/servicePrincipal.ts';
import type { Redacted } from '../core/redacted.ts';
import type { ObjectName } from './kube.ts';

/** The keys that were asked for and are there; nothing else of the Secret. */
export interface CredentialSecret extends ObservedCredential {
  readonly values: ReadonlyMap<string, Redacted<Uint8Array>>;
}

/** Past every cache; `read` is the one way by which values of a Secret are read. */
export interface CredentialClient {
  /** Without its values; undefined also where its owner has not said that it is a credential. @throws KubeApiError */
  find(secret: ObjectName): Promise<ObservedCredential | undefined>;
  /** Nothing is kept. Undefined when it is gone. @throws KubeApiError */
  read(secret: ObjectName, keys: readonly string[]): Promise<CredentialSecret | undefined>;
}

/** When certificates expire, as far as one was looked at for a token since the start. */
export interface CertificateExpiries {
  /** Milliseconds since the Unix epoch. */
  learn(credential: ObservedCredential, at: number): void;
  of(credential: ObservedCredential): number | undefined;
  /** The Secret of this uid is gone. */
  forget(uid: string): void;
}
