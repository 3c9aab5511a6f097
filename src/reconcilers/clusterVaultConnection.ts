import { overlapsOf, type Overlap } from '../core/access/owners.ts';
import type { VaultClaims } from '../core/observed/claims.ts';
import { clusterVaultConnectionStatus } from '../core/status/connectionStatus.ts';
import type { ClusterVaultConnection } from '../core/observed/connection.ts';
import type { ClusterCache } from '../ports/cache.ts';
import type { ConnectionClient } from '../ports/connections.ts';
import type { Clock } from '../ports/system.ts';
import type { LentReads } from './lentReads.ts';
import { writeConnectionStatus } from './writeConnectionStatus.ts';

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
