import type { VaultConnectionRef } from '../api/vaultSecret.ts';
import type {
  ClusterVaultConnection,
  GrantedConnection,
  ObservedConnection,
  ObservedNamespace,
  VaultConnection,
} from '../core/observed/connection.ts';
import type { ObservedCredential } from '../core/observed/servicePrincipal.ts';
import type { ObservedServiceAccount } from '../core/observed/identity.ts';
import type { ObservedSecret, VaultSecret } from '../core/observed/observed.ts';
import type { ObjectName } from './kube.ts';
import type { Stored } from './stored.ts';

/** The cluster as the informers last saw it; no call waits. */
export interface ClusterCache {
  vaultSecret(name: ObjectName): VaultSecret | undefined;
  /** As seen from this namespace, with its grant worked out. */
  connection(namespace: string, ref: VaultConnectionRef): ObservedConnection | undefined;
  /** With its grant worked out from the namespaces as they were last seen, but for the one that is given. */
  granted(connection: ClusterVaultConnection, namespace?: ObservedNamespace): GrantedConnection;
  vaultConnection(name: ObjectName): VaultConnection | undefined;
  clusterVaultConnection(name: string): ClusterVaultConnection | undefined;
  serviceAccount(name: ObjectName): ObservedServiceAccount | undefined;
  /** Only Secrets whose owners let them be used as a credential. */
  credential(name: ObjectName): ObservedCredential | undefined;
  /** Only Secrets with our label. */
  secret(name: ObjectName): ObservedSecret | undefined;
  /** Secrets whose owner annotation names this VaultSecret. */
  secretsOf(vaultSecret: ObjectName): readonly ObservedSecret[];
  /** VaultSecrets that want to write this Secret. */
  wanting(secret: ObjectName): readonly VaultSecret[];
  /** Puts the answer to our own write in, so that the next read sees it. */
  rememberSecret(secret: Stored<ObservedSecret>): void;
  rememberVaultConnection(connection: Stored<VaultConnection>): void;
  rememberClusterVaultConnection(connection: Stored<ClusterVaultConnection>): void;
  rememberVaultSecret(vaultSecret: Stored<VaultSecret>): void;
  /** It is gone by a write of our own, which the watch may tell later. */
  forgetVaultSecret(vaultSecret: VaultSecret): void;
}
