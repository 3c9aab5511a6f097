import { namespacedName } from '../core/namespacedName.ts';
import type { ObservedServiceAccount } from '../core/observed/identity.ts';
import type { ObservedCredential } from '../core/observed/servicePrincipal.ts';
import type { CachedResources } from './clusterCache.ts';
import { isChanged, whoItIs, type Change } from './triggers.ts';

type Connections = Pick<CachedResources, 'vaultConnections'>;

/** The VaultConnections that name it, by `namespace/name`, when it is somebody else now. */
export function onNamedServiceAccount(
  change: Change<ObservedServiceAccount>,
  { vaultConnections }: Connections,
): readonly string[] {
  if (!isChanged(change, whoItIs)) return [];
  const naming = vaultConnections.byIndex('serviceAccount', namespacedName(change.object.metadata));
  return naming.map(({ body }) => namespacedName(body));
}

/** Likewise, when the Secret holds something else now, or may no longer be used. */
export function onNamedCredential(
  change: Change<ObservedCredential>,
  { vaultConnections }: Connections,
): readonly string[] {
  if (!isChanged(change, ({ uid, resourceVersion }) => [uid, resourceVersion])) return [];
  const naming = vaultConnections.byIndex('credential', namespacedName(change.object.metadata));
  return naming.map(({ body }) => namespacedName(body));
}
