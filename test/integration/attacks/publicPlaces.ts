import { readFile } from 'node:fs/promises';
import type { ControllerProcess } from '../../testbed/controllerProcess.ts';
import {
  clusterVaultConnections,
  events,
  secrets,
  vaultSecrets,
} from '../../testbed/kubeResources.ts';
import type { World } from '../../testbed/world.ts';

/** Everything that the controller wrote for others to read, by where it stands. */
export async function readPublicPlaces(
  { kube, testbed }: World,
  controllers: readonly ControllerProcess[],
  metrics: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const [ours, connections, told] = await Promise.all([
    kube.list(vaultSecrets),
    kube.list(clusterVaultConnections),
    kube.list(events),
  ]);
  // The values belong into data, and there only.
  const { items } = await kube.list(secrets);
  return new Map([
    ['VaultSecrets', JSON.stringify(ours.items)],
    ['ClusterVaultConnections', JSON.stringify(connections.items)],
    ['events', JSON.stringify(told.items)],
    ['metadata of Secrets', JSON.stringify(items.map(({ metadata }) => metadata))],
    ['log and errors', controllers.flatMap(({ lines }) => lines).join('\n')],
    ['metrics', metrics.join('\n')],
    ['audit log', testbed.auditLog === undefined ? '' : await readFile(testbed.auditLog, 'utf8')],
  ]);
}
