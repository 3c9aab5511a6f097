import type { ClusterVaultConnection, ObservedNamespace } from '../core/observed/connection.ts';
import { vaultOf } from '../core/access/grants.ts';
import type { VaultSecret } from '../core/observed/observed.ts';
import type { Stored } from '../ports/stored.ts';
import { connectionKey, type CachedResources } from './clusterCache.ts';
import {
  changes,
  edits,
  isChanged,
  isConnectionChanged,
  onConnection,
  type Change,
  type Trigger,
} from './triggers.ts';

type Connections = Pick<CachedResources, 'clusterVaultConnections'>;
type Borrowing = Connections & Pick<CachedResources, 'vaultSecrets'>;

/** Also those that refer to another connection to its vault: what it claims decides what they may read. */
export function onClusterConnection(
  change: Change<ClusterVaultConnection>,
  resources: Borrowing,
): readonly Trigger[] {
  return [
    ...onConnection(change, resources),
    ...connectionsBeside(change, resources).flatMap((connection) =>
      changes(resources.vaultSecrets.byIndex('connection', connectionKey('', connection))),
    ),
  ];
}

/** The other connections to its vault, old and new, when its spec changed. */
export function connectionsBeside(
  change: Change<ClusterVaultConnection>,
  { clusterVaultConnections }: Connections,
): readonly ClusterVaultConnection[] {
  if (!isConnectionChanged(change)) return [];
  const { object, previous } = change;
  const vaults = [object, previous].flatMap((one) => (one ? [vaultOf(one.body)] : []));
  return clusterVaultConnections
    .list()
    .map(({ body }) => body)
    .filter((one) => one.name !== object.body.name && vaults.includes(vaultOf(one)));
}

/** The VaultSecrets in it whose grant may hang on its labels, and those of others that read what it may own. */
export function onNamespace(
  change: Change<ObservedNamespace>,
  resources: Borrowing,
): readonly Trigger[] {
  if (!isChanged(change, ({ labels }) => [labels])) return [];
  const { name } = change.object.body;
  const own = edits(resources.vaultSecrets.byIndex('grantedNamespace', name));
  return change.type === 'updated'
    ? own
    : [...own, ...changes(readersOfNamesWith(name, resources))];
}

/** A namespace can own only objects whose names hold its own. */
function readersOfNamesWith(
  namespace: string,
  { vaultSecrets, clusterVaultConnections }: Borrowing,
): readonly Stored<VaultSecret>[] {
  return clusterVaultConnections
    .list()
    .filter(({ body }) => body.spec.lend !== undefined)
    .flatMap(({ body }) => vaultSecrets.byIndex('connection', connectionKey('', body)))
    .filter(({ body }) => body.namespace !== namespace)
    .filter(({ body }) =>
      body.spec.data.some(({ secret }) => secret?.name.toLowerCase().includes(namespace) === true),
    );
}

/** The connections that say which namespaces overlap, when one comes or goes. */
export function connectionsOver(
  { type, initial }: Change<ObservedNamespace>,
  { clusterVaultConnections }: Connections,
): readonly ClusterVaultConnection[] {
  if (initial || type === 'updated') return [];
  return clusterVaultConnections
    .list()
    .map(({ body }) => body)
    .filter(({ spec }) => spec.lend !== undefined);
}
