import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AssignedIdentity } from '../../../src/core/observed/identity.ts';
import type { HostFaults } from '../../testbed/azureAdmin.ts';
import { explained, type Expected } from '../explained.ts';
import { startAzureWorld, type AdapterChange, type AzureWorld } from './azureWorld.ts';
import { lentManagedIdentity } from './lentManagedIdentity.ts';

const scope = 'https://vault.azure.net/.default';
const id = 'a0000000-0000-4000-8000-000000000001';
const byClient: AssignedIdentity = { by: 'clientId', id };

let world: AzureWorld;

beforeAll(async () => {
  world = await startAzureWorld();
  await world.admin.createApplications({ clientId: id, kind: 'userAssignedIdentity' });
});
afterEach(async () => {
  await world.admin.setHostFaults({});
  await world.admin.resetRequestCounts();
});
afterAll(async () => world.close());

const requestFor = (assigned: AssignedIdentity) => ({
  identity: lentManagedIdentity(world, assigned),
  scope,
});

async function requestsSent(): Promise<number> {
  const { counts } = await world.admin.requestCounts();
  return counts.reduce((total, { count }) => total + count, 0);
}

describe('the metadata service refuses', () => {
  const resourceId =
    '/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u';
  const nobody = '00000000-0000-4000-8000-00000000000a';

  test.each<readonly [AssignedIdentity, readonly string[]]>([
    [
      { by: 'clientId', id: nobody },
      [`client id ${nobody}`, `az identity list --query "[?clientId=='${nobody}'].id"`],
    ],
    [
      { by: 'objectId', id: nobody },
      [`object id ${nobody}`, `az identity list --query "[?principalId=='${nobody}'].id"`],
    ],
    [{ by: 'resourceId', id: resourceId }, [resourceId, `--identities ${resourceId}`]],
    [{ by: 'system' }, ['a system-assigned identity', '--name <scale set>;']],
  ])('an identity that it does not have: %o', async (assigned, tells) => {
    await world.admin.setHostFaults({ unassigned: [id, world.identity.clientId] });

    const failing = world.adapters().tokens.acquire(requestFor(assigned));

    const failure = await explained(failing, ['az vmss identity assign', ...tells]);
    expect(failure.reason).toBe('ManagedIdentityNotAssigned');
    expect(await requestsSent()).toBe(1);
  });
});

interface Case extends Expected, AdapterChange {
  readonly what: string;
  readonly faults?: HostFaults;
  readonly retryAfterMs?: number;
}

describe('the metadata service gives nothing', () => {
  test.each<Case>([
    {
      what: 'when nobody answers',
      instanceMetadataEndpoint: 'http://127.0.0.1:1',
      reason: 'InstanceMetadataUnreachable',
      tells: ['http://127.0.0.1:1', 'ECONNREFUSED', 'lend ControllerWorkloadIdentity instead'],
    },
    {
      what: 'when it answers 404',
      faults: { status: 404 },
      reason: 'InstanceMetadataNotFound',
      tells: ['kubectl get azureidentitybindings --all-namespaces'],
    },
    {
      what: 'when it answers 410',
      faults: { status: 410 },
      reason: 'InstanceMetadataUnavailable',
      tells: ['(status 410)'],
    },
    {
      what: 'when it answers 500',
      faults: { status: 500 },
      reason: 'InstanceMetadataUnavailable',
      tells: ['(status 500)'],
    },
    {
      what: 'when Pod Identity is about to assign the identity',
      faults: { podIdentity: { answer: 503, holdSeconds: 0 } },
      reason: 'InstanceMetadataUnavailable',
      tells: ['(status 503)'],
      retryAfterMs: 20_000,
    },
    {
      what: 'when Pod Identity knows no binding',
      faults: { podIdentity: { answer: 404, holdSeconds: 0 } },
      reason: 'InstanceMetadataNotFound',
      tells: ['(status 404)'],
    },
    {
      what: 'when it throttles',
      faults: { throttle: { retryAfterSeconds: 7 } },
      reason: 'InstanceMetadataThrottled',
      tells: ['no more requests'],
      retryAfterMs: 7_000,
    },
    {
      what: 'when it throttles and does not say for how long',
      faults: { throttle: {} },
      reason: 'InstanceMetadataThrottled',
      tells: [],
    },
    {
      what: 'when something else answers',
      faults: { status: 403 },
      reason: 'InstanceMetadataRefused',
      tells: ['(status 403)', 'curl --noproxy "*" --header Metadata:true'],
    },
  ])('$what, and is asked once', async ({ faults = {}, retryAfterMs, ...given }) => {
    await world.admin.setHostFaults(faults);
    const { tokens, results } = world.adapters(given);

    const failure = await explained(tokens.acquire(requestFor(byClient)), given.tells);
    await tokens.acquire(requestFor(byClient)).catch(() => undefined);

    expect(failure.reason).toBe(given.reason);
    expect(failure.retryAfterMs).toBe(retryAfterMs);
    // Whoever asks at once again is told the same without a request.
    expect(results).toEqual(['managedIdentity error']);
    expect(await requestsSent()).toBeLessThanOrEqual(1);
  });

  test('when it holds the request for 90 seconds, of which we wait for ten', async () => {
    await world.admin.setHostFaults({ podIdentity: { answer: 404 } });
    const { tokens, clock } = world.adapters();
    const failing = tokens.acquire(requestFor(byClient));
    failing.catch(() => undefined);
    await vi.waitFor(async () => expect(await requestsSent()).toBe(1));
    await clock.advance(10_000);

    const failure = await explained(failing, [
      'within 10 s',
      'kubectl get azureassignedidentities',
    ]);

    expect(failure.reason).toBe('InstanceMetadataTimedOut');
  });

  test('and all callers that wait for the same request get its failure', async () => {
    await world.admin.setHostFaults({ hang: true });
    const { tokens, clock } = world.adapters();
    const waiting = [1, 2].map(() => explained(tokens.acquire(requestFor(byClient)), []));
    await vi.waitFor(async () => expect(await requestsSent()).toBe(1));
    await clock.advance(10_000);

    const failures = await Promise.all(waiting);
    expect(failures.map(({ reason }) => reason)).toEqual([
      'InstanceMetadataTimedOut',
      'InstanceMetadataTimedOut',
    ]);
    expect(await requestsSent()).toBe(1);
  });

  test('and when it is silent, few requests of many borrowers are sent', async () => {
    await world.admin.setHostFaults({ hang: true });
    const { tokens, clock } = world.adapters();
    const { identity } = requestFor(byClient);
    const borrowing = Array.from({ length: 40 }, (_, index) => {
      const work = tokens.acquire({ identity: { ...identity, namespace: `team-${index}` }, scope });
      work.catch(() => undefined);
      return work;
    });
    await vi.waitFor(async () => expect(await requestsSent()).toBe(4));
    await clock.advance(20_000);

    const reasons = await Promise.all(
      borrowing.map(async (work) => (await explained(work, [])).reason),
    );

    expect(new Set(reasons)).toEqual(new Set(['InstanceMetadataTimedOut']));
    expect(await requestsSent()).toBeLessThanOrEqual(12);
  });
});
