import {
  createClusterVaultConnectionClient,
  createConnectionReader,
  createVaultConnectionClient,
  inNamespacesOnly,
} from '../kube/connections.ts';
import { namespacedName } from '../core/namespacedName.ts';
import { createCredentialClient } from '../kube/credentials.ts';
import { createServiceAccountClient } from '../kube/serviceAccounts.ts';
import type { ClusterCache } from '../ports/cache.ts';
import type { ConnectionReader } from '../ports/connections.ts';
import { createClusterVaultConnectionReconciler } from '../reconcilers/clusterVaultConnection.ts';
import { onNamedCredential, onNamedServiceAccount } from '../reconcilers/connectionTriggers.ts';
import { connectionsBeside, connectionsOver } from '../reconcilers/grantTriggers.ts';
import { createLentReads, type LentReads } from '../reconcilers/lentReads.ts';
import { createVaultConnectionReconciler } from '../reconcilers/vaultConnection.ts';
import type { Controller } from '../runtime/controller.ts';
import { controllerOf, createQueue, type ControllerParts } from './controllerParts.ts';

export interface ConnectionControllers {
  readonly controllers: readonly Controller[];
  readonly lentReads: LentReads;
}

/** Those that say what they make of connections. */
export function createConnectionControllers(
  parts: ControllerParts,
  cache: ClusterCache,
): ConnectionControllers {
  const { system, api, informers } = parts;
  const queue = createQueue(parts, 'clustervaultconnection');
  informers.clusterVaultConnections.onChange((change) => {
    if (!change.ownWrite) queue.add(change.object.body.name);
    for (const { name } of connectionsBeside(change, informers)) queue.add(name);
  });
  informers.namespaces.onChange((change) => {
    for (const { name } of connectionsOver(change, informers)) queue.add(name);
  });
  const lentReads = createLentReads((connection) => queue.add(connection));
  const ofCluster = controllerOf(parts, {
    name: 'clustervaultconnection',
    keyField: 'clusterVaultConnection',
    queue,
    reconcile: createClusterVaultConnectionReconciler({
      cache,
      connections: createClusterVaultConnectionClient(api),
      lentReads,
      clock: system.clock,
    }),
    workers: 1,
  });
  return { controllers: [ofCluster, vaultConnectionController(parts, cache)], lentReads };
}

function vaultConnectionController(parts: ControllerParts, cache: ClusterCache): Controller {
  const { options, system, api, informers } = parts;
  const queue = createQueue(parts, 'vaultconnection');
  const add = (requestKey: string): void => queue.add(requestKey);
  informers.vaultConnections.onChange(({ object, ownWrite }) => {
    if (!ownWrite) add(namespacedName(object.body));
  });
  informers.serviceAccounts.onChange((change) =>
    onNamedServiceAccount(change, informers).forEach(add),
  );
  informers.credentials.onChange((change) => onNamedCredential(change, informers).forEach(add));
  return controllerOf(parts, {
    name: 'vaultconnection',
    keyField: 'vaultConnection',
    queue,
    reconcile: createVaultConnectionReconciler({
      cache,
      connections: createVaultConnectionClient(api),
      serviceAccounts: createServiceAccountClient(api),
      credentials: createCredentialClient(api),
      clock: system.clock,
      defaultTenantId: options.azureTenantId,
    }),
    workers: 1,
  });
}

/** Of those that VaultSecrets refer to. */
export function connectionReader({ options, api }: ControllerParts): ConnectionReader {
  const reader = createConnectionReader(api);
  return options.watchNamespace.length === 0 ? reader : inNamespacesOnly(reader);
}
