import { isDeepStrictEqual } from 'node:util';
import { connectionStatus, type LentFailure } from '../core/status/connectionStatus.ts';
import { isLentIdentity, type Identity, type LentIdentity } from '../core/observed/identity.ts';
import type { ReconcileError } from '../core/errors/errors.ts';
import type { ClusterCache } from '../ports/cache.ts';
import { KubeApiError } from '../ports/kube.ts';
import type { ClusterVaultConnectionClient } from '../ports/connections.ts';
import type { Clock } from '../ports/system.ts';

/** What reading with lent identities came to, by connection; a restart begins anew. */
export interface LentReads {
  /** `error`: undefined when everything was read. */
  report(identity: Identity, error: ReconcileError | undefined): void;
  failureOf(connectionUid: string): LentFailure | undefined;
}

/** `onChange` is given the name of a connection whose last word has changed. */
export function createLentReads(onChange: (connection: string) => void): LentReads {
  const failures = new Map<string, LentFailure>();
  const clear = ({ connectionUid, namespace, connection }: LentIdentity): void => {
    if (failures.get(connectionUid)?.namespace !== namespace) return;
    failures.delete(connectionUid);
    onChange(connection);
  };
  return {
    report(identity, error) {
      if (!isLentIdentity(identity)) return;
      if (error === undefined) return clear(identity);
      failures.set(identity.connectionUid, { namespace: identity.namespace, error });
      onChange(identity.connection);
    },
    failureOf: (connectionUid) => failures.get(connectionUid),
  };
}

export interface ClusterVaultConnectionReconcilerDeps {
  readonly cache: ClusterCache;
  readonly connections: ClusterVaultConnectionClient;
  readonly lentReads: LentReads;
  readonly clock: Clock;
}

/** Keeps the status of a ClusterVaultConnection. Keys are its name. */
export function createClusterVaultConnectionReconciler(deps: ClusterVaultConnectionReconcilerDeps) {
  const { cache, connections, lentReads, clock } = deps;
  return async (name: string): Promise<Record<never, never>> => {
    const connection = cache.clusterVaultConnection(name);
    if (connection === undefined) return {};
    const status = connectionStatus(connection, lentReads.failureOf(connection.uid), clock.now());
    if (isDeepStrictEqual(status, connection.status)) return {};
    try {
      const stored = await connections.replaceStatus(connection, status);
      if (stored !== undefined) cache.rememberClusterVaultConnection(stored);
    } catch (thrown) {
      // Gone, or made again under the same name: whatever stands there now is looked at by itself.
      const isGone = thrown instanceof KubeApiError && [404, 422].includes(thrown.status);
      if (!isGone) throw thrown;
    }
    return {};
  };
}
