import { azureClouds } from '../../../src/api/cloud.ts';
import type { AssignedIdentity, LentManagedIdentity } from '../../../src/core/observed/identity.ts';
import type { AzureWorld } from './azureWorld.ts';

/** Lent to namespace shop by ClusterVaultConnection platform. */
export function lentManagedIdentity(
  { identity: { tenantId } }: AzureWorld,
  assigned: AssignedIdentity,
): LentManagedIdentity {
  return {
    kind: 'managedIdentity',
    namespace: 'shop',
    connection: 'platform',
    connectionUid: 'connection-uid',
    connectionGeneration: 1,
    tenantId,
    cloud: azureClouds.AzurePublic,
    assigned,
  };
}
