import { isConnectionMissed } from '../core/access/connectionProblem.ts';
import { isAllowed } from '../core/access/grants.ts';
import type { GrantedConnection, ObservedConnection } from '../core/observed/connection.ts';
import type { VaultSecret } from '../core/observed/observed.ts';
import type { ClusterCache } from '../ports/cache.ts';
import type { ConnectionReader } from '../ports/connections.ts';

export interface ObserveConnectionDeps {
  readonly cache: Pick<ClusterCache, 'connection' | 'granted'>;
  readonly connections: ConnectionReader;
}

/**
 * Made or widened in one go with its VaultSecret, a connection may serve it before our watches say so. Once the status
 * says of this spec that there is none, the watches are waited for: thousands that name one which really is missing
 * cost a request each, and none at a restart. @throws KubeApiError
 */
export async function observeConnection(
  deps: ObserveConnectionDeps,
  vaultSecret: VaultSecret,
): Promise<ObservedConnection | undefined> {
  const { namespace, spec } = vaultSecret;
  const { vaultConnectionRef: ref } = spec;
  if (ref === undefined) return undefined;
  const cached = deps.cache.connection(namespace, ref);
  const isUsable = cached !== undefined && isAllowed(cached, namespace);
  if (isUsable || isConnectionMissed(vaultSecret)) return cached;
  return ref.kind === 'VaultConnection'
    ? deps.connections.vaultConnection({ namespace, name: ref.name })
    : findGranted(deps, namespace, ref.name);
}

/** The namespace too may be newer than its watch, or its label. */
async function findGranted(
  { cache, connections }: ObserveConnectionDeps,
  namespace: string,
  name: string,
): Promise<GrantedConnection | undefined> {
  const live = await connections.clusterVaultConnection(name);
  if (live === undefined) return undefined;
  const granted = cache.granted(live);
  const isDecided = live.spec.allowedNamespaces.selector === undefined;
  if (isDecided || isAllowed(granted, namespace)) return granted;
  return cache.granted(live, await connections.namespace(namespace));
}
