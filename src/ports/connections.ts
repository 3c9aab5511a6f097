import type { ClusterVaultConnectionStatus } from '../api/vaultConnection.ts';
import type { ClusterVaultConnection } from '../core/observed/connection.ts';
import type { Stored } from './stored.ts';

export interface ClusterVaultConnectionClient {
  /** Replaces the whole status of exactly this uid; undefined when the spec was edited meanwhile. @throws KubeApiError */
  replaceStatus(
    connection: ClusterVaultConnection,
    status: ClusterVaultConnectionStatus,
  ): Promise<Stored<ClusterVaultConnection> | undefined>;
}
