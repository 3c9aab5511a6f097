import type { ConnectionStatus } from '../api/vaultConnection.ts';
import type {
  ClusterVaultConnection,
  ObservedNamespace,
  VaultConnection,
} from '../core/observed/connection.ts';
import type { ObjectName } from './kube.ts';
import type { Stored } from './stored.ts';

/** Asks the API server, past every cache, for what decides who may read where. @throws KubeApiError */
export interface ConnectionReader {
  vaultConnection(name: ObjectName): Promise<VaultConnection | undefined>;
  /** Undefined also where the rights are of namespaces alone. */
  clusterVaultConnection(name: string): Promise<ClusterVaultConnection | undefined>;
  namespace(name: string): Promise<ObservedNamespace | undefined>;
}

export interface ConnectionClient<T extends VaultConnection | ClusterVaultConnection> {
  /**
   * Replaces the whole status of exactly this uid, if it still is as we know it; undefined when the spec was edited meanwhile.
   * @throws KubeApiError; 422 without causes when others wrote the status meanwhile, 404 when the connection is gone.
   */
  replaceStatus(connection: T, status: ConnectionStatus): Promise<Stored<T> | undefined>;
}
