import { azureClouds } from '../../../src/api/cloud.ts';
import { describe, expect, test } from 'vitest';
import type { LendableIdentity } from '../../../src/api/vaultConnection.ts';
import { lentIdentity } from '../../../src/core/access/lentIdentity.ts';
import type { Observed } from '../../../src/core/observed/observed.ts';
import { anObserved, tenantId } from './builders.ts';
import { aClusterConnection, granted } from './connections.ts';

const id = 'AAAAAAAA-1111-4111-8111-111111111111';
const resourceId =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/U';

const lentBy = (identity: LendableIdentity, observed: Partial<Observed> = {}) =>
  lentIdentity(
    anObserved({ defaultTenantId: tenantId, ...observed }),
    granted(aClusterConnection({ lend: { identity, objectPatterns: ['{namespace}--*'] } })),
    azureClouds.AzurePublic,
  );

describe('a managed identity of the host is lent', () => {
  test.each<readonly [LendableIdentity, object]>([
    [{ kind: 'SystemAssignedIdentity' }, { by: 'system' }],
    [
      { kind: 'UserAssignedIdentity', clientId: id },
      { by: 'clientId', id: id.toLowerCase() },
    ],
    [
      { kind: 'UserAssignedIdentity', objectId: id },
      { by: 'objectId', id: id.toLowerCase() },
    ],
    [
      { kind: 'UserAssignedIdentity', resourceId },
      { by: 'resourceId', id: resourceId },
    ],
  ])('as %o says, and never the one of the pod', (lendable, assigned) => {
    const controllerIdentity = { clientId: id };

    expect(lentBy(lendable, { controllerIdentity })).toEqual({
      ok: true,
      value: {
        kind: 'managedIdentity',
        namespace: 'shop',
        connection: 'platform',
        connectionUid: 'connection-uid',
        connectionGeneration: 1,
        tenantId,
        cloud: azureClouds.AzurePublic,
        assigned,
      },
    });
  });

  test('is refused without any tenant', () => {
    const lent = lentBy({ kind: 'SystemAssignedIdentity' }, { defaultTenantId: undefined });

    expect(lent.ok ? undefined : lent.error.reason).toBe('LentTenantMissing');
  });
});
