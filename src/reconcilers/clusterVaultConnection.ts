import { overlapsOf, type Overlap } from '../core/access/owners.ts';
import type { VaultClaims } from '../core/observed/claims.ts';
import { clusterVaultConnectionStatus, type LentFailure } from '../core/status/connectionStatus.ts';
import type { ClusterVaultConnection } from '../core/observed/connection.ts';
import { isLentIdentity, type Identity, type LentIdentity } from '../core/observed/identity.ts';
import type { ReconcileError } from '../core/errors/errors.ts';
import type { ClusterCache } from '../ports/cache.ts';
import type { ConnectionClient } from '../ports/connections.ts';
import type { Clock } from '../ports/system.ts';
import { writeConnectionStatus } from './writeConnectionStatus.ts';

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
  readonly cache: Pick<
    ClusterCache,
    'clusterVaultConnection' | 'granted' | 'rememberClusterVaultConnection'
  >;
  readonly connections: ConnectionClient<ClusterVaultConnection>;
  readonly lentReads: Pick<LentReads, 'failureOf'>;
  readonly clock: Clock;
}

/** Keeps the status of a ClusterVaultConnection. Keys are its name. */
export function createClusterVaultConnectionReconciler(deps: ClusterVaultConnectionReconcilerDeps) {
  const { cache, connections, lentReads, clock } = deps;
  const writes = { connections, remember: cache.rememberClusterVaultConnection };
  // Equal for all connections to a vault, until a namespace or one of them changes.
  const overlaps = new WeakMap<VaultClaims, readonly Overlap[]>();
  return async (name: string): Promise<Record<never, never>> => {
    const connection = cache.clusterVaultConnection(name);
    if (connection === undefined) return {};
    const granted = cache.granted(connection);
    const known = overlaps.get(granted.claims) ?? overlapsOf(granted.claims);
    overlaps.set(granted.claims, known);
    const facts = { failure: lentReads.failureOf(connection.uid), overlaps: known };
    const status = clusterVaultConnectionStatus(granted, facts, clock.now());
    await writeConnectionStatus(writes, connection, status);
    return {};
  };
}
