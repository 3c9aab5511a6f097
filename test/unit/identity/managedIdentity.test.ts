import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AssignedIdentity, LentManagedIdentity } from '../../../src/core/observed/identity.ts';
import { reveal } from '../../../src/core/redacted.ts';
import type { HostFaults } from '../../testbed/azureAdmin.ts';
import { explained } from '../explained.ts';
import { startAzureWorld, type AzureWorld } from './azureWorld.ts';
import { lentManagedIdentity } from './lentManagedIdentity.ts';

const scope = 'https://vault.azure.net/.default';
const user = {
  clientId: 'a0000000-0000-4000-8000-000000000001',
  objectId: 'a0000000-0000-4000-8000-000000000002',
  resourceId:
    '/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u',
};
const system = { clientId: 'b0000000-0000-4000-8000-000000000001' };

let world: AzureWorld;

beforeAll(async () => {
  world = await startAzureWorld();
  await world.admin.createApplications(
    { ...user, kind: 'userAssignedIdentity' },
    { ...system, kind: 'systemAssignedIdentity' },
  );
});
afterEach(async () => {
  await world.admin.setHostFaults({});
  await world.admin.resetRequestCounts();
});
afterAll(async () => world.close());

const lent = (assigned: AssignedIdentity): LentManagedIdentity =>
  lentManagedIdentity(world, assigned);

/** `kind status clientId` of all that was asked, each as often as it was. */
async function asked(): Promise<string[]> {
  const { counts } = await world.admin.requestCounts();
  return counts.flatMap(({ kind, status, clientId, count }) =>
    Array<string>(count).fill(`${kind} ${status} ${clientId}`),
  );
}

describe('a managed identity of the host gives a token', () => {
  const both = [
    ['assigned by the system', { by: 'system' }, system.clientId],
    ['by client id', { by: 'clientId', id: user.clientId }, user.clientId],
    ['by object id', { by: 'objectId', id: user.objectId }, user.clientId],
    ['by resource id', { by: 'resourceId', id: user.resourceId }, user.clientId],
  ] as const;

  test.each<readonly [string, AssignedIdentity, string]>(both)(
    '%s, whose client is known from then on',
    async (_, assigned, clientId) => {
      const { tokens, results } = world.adapters();

      const token = await tokens.acquire({ identity: lent(assigned), scope });

      expect(token.clientId).toBe(clientId);
      expect(results).toEqual(['managedIdentity success']);
      expect(await asked()).toEqual([`imdsToken 200 ${clientId}`]);
    },
  );

  test('once for all that ask, for as long as it serves', async () => {
    const { tokens, clock } = world.adapters();
    const request = { identity: lent({ by: 'system' }), scope };

    const given = await Promise.all([tokens.acquire(request), tokens.acquire(request)]);
    await tokens.acquire(request);

    expect(new Set(given).size).toBe(1);
    expect(await asked()).toHaveLength(1);
    const lifeMs = (given[0]?.expiresAt ?? 0) - clock.now();
    expect(lifeMs).toBeGreaterThan(86_000_000);
  });

  test.each<readonly [string, Partial<LentManagedIdentity>]>([
    ['another namespace', { namespace: 'pay' }],
    ['a connection that was made again', { connectionUid: 'v' }],
    ['a connection that was changed', { connectionGeneration: 2 }],
    ['another identity', { assigned: { by: 'clientId', id: user.clientId } }],
  ])('that is never given to %s', async (_, difference) => {
    const { tokens } = world.adapters();
    const identity = lent({ by: 'system' });
    const first = await tokens.acquire({ identity, scope });

    const other = await tokens.acquire({ identity: { ...identity, ...difference }, scope });

    expect(reveal(other.token)).not.toBe(reveal(first.token));
    expect(await asked()).toHaveLength(2);
  });

  test('for a service whose name ends in a slash', async () => {
    const { tokens } = world.adapters();
    const identity = lent({ by: 'system' });

    const token = await tokens.acquire({
      identity,
      scope: 'https://database.windows.net//.default',
    });

    expect(token.clientId).toBe(system.clientId);
  });

  test('and a new one, where a vault did not take it', async () => {
    const { tokens } = world.adapters();
    const request = { identity: lent({ by: 'clientId', id: user.clientId }), scope };
    const token = await tokens.acquire(request);

    const next = await tokens.acquire({ ...request, refused: { token } });

    expect(reveal(next.token)).not.toBe(reveal(token.token));
  });

  test('and none once it is withdrawn from the host, though a library may still know one', async () => {
    const identity = lent({ by: 'clientId', id: user.clientId });
    await world.adapters().tokens.acquire({ identity, scope });
    await world.admin.setHostFaults({ unassigned: [user.clientId] });

    const failure = await explained(world.adapters().tokens.acquire({ identity, scope }), []);

    expect(failure.reason).toBe('ManagedIdentityNotAssigned');
  });
});

describe('a token is thrown away', () => {
  const other = 'c0000000-0000-4000-8000-000000000001';
  const byClient: AssignedIdentity = { by: 'clientId', id: user.clientId };

  interface Case {
    readonly what: string;
    readonly assigned: AssignedIdentity;
    readonly faults: HostFaults;
    readonly claim: string;
  }

  test.each<Case>([
    {
      what: 'of another client',
      assigned: byClient,
      faults: { answerAs: other },
      claim: 'client id (appid)',
    },
    {
      what: 'of another object',
      assigned: { by: 'objectId', id: user.objectId },
      faults: { answerAs: other },
      claim: 'object id (oid)',
    },
    {
      what: 'of another resource',
      assigned: { by: 'resourceId', id: user.resourceId },
      faults: { answerAs: other },
      claim: 'resource id (xms_mirid)',
    },
    {
      what: 'of a user-assigned identity in place of a missing system-assigned one',
      assigned: { by: 'system' },
      faults: { answerAs: other },
      claim: 'resource id (xms_mirid)',
    },
    {
      what: 'for another service',
      assigned: byClient,
      faults: { answerFor: 'https://management.azure.com' },
      claim: 'audience (aud)',
    },
    {
      what: 'for a service of another cloud',
      assigned: byClient,
      faults: { answerFor: 'https://vault.azure.cn' },
      claim: 'audience (aud)',
    },
  ])('$what', async ({ assigned, faults, claim }) => {
    await world.admin.createApplications({ clientId: other, kind: 'userAssignedIdentity' });
    await world.admin.setHostFaults(faults);
    const { tokens, results } = world.adapters();

    const failing = tokens.acquire({ identity: lent(assigned), scope });

    const failure = await explained(failing, [
      claim,
      'kubectl edit clustervaultconnection platform',
    ]);
    expect(failure.reason).toBe('ManagedIdentityMismatch');
    expect(results).toEqual(['managedIdentity error']);
  });

  test('of another tenant than the connection names', async () => {
    const identity = { ...lent(byClient), tenantId: '00000000-0000-4000-8000-00000000000c' };

    const failing = world.adapters().tokens.acquire({ identity, scope });

    const failure = await explained(failing, ['tenant (tid)', 'spec.tenantId']);
    expect(failure.reason).toBe('ManagedIdentityMismatch');
  });
});
