import { isDeepStrictEqual } from 'node:util';
import type { ConnectionStatus } from '../api/vaultConnection.ts';
import type { ClusterVaultConnection, VaultConnection } from '../core/observed/connection.ts';
import type { ConnectionClient } from '../ports/connections.ts';
import { KubeApiError } from '../ports/kube.ts';
import type { Stored } from '../ports/stored.ts';
import { isStatusConflict, StaleFenceError } from './writeErrors.ts';

export interface ConnectionWrites<T extends VaultConnection | ClusterVaultConnection> {
  readonly connections: ConnectionClient<T>;
  /** Puts the answer where the next read sees it. */
  readonly remember: (connection: Stored<T>) => void;
}

/** No write while nothing changes. @throws KubeApiError, StaleFenceError */
export async function writeConnectionStatus<T extends VaultConnection | ClusterVaultConnection>(
  { connections, remember }: ConnectionWrites<T>,
  connection: T,
  status: ConnectionStatus,
): Promise<void> {
  if (isDeepStrictEqual(status, connection.status)) return;
  try {
    const stored = await connections.replaceStatus(connection, status);
    if (stored !== undefined) remember(stored);
  } catch (thrown) {
    if (!(thrown instanceof KubeApiError)) throw thrown;
    if (isStatusConflict(thrown))
      throw new StaleFenceError('the status changed while it was written', { cause: thrown });
    // Gone, or made again under the same name: what stands there now has a reconcile for itself.
    if (![404, 422].includes(thrown.status)) throw thrown;
  }
}
