import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  onTestFailed,
  test,
} from 'vitest';
import type { LendableIdentity } from '../../src/api/vaultConnection.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf, untilCondition } from '../testbed/expectations.ts';
import { secrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { countRequests } from './attacks/azureRequests.ts';
import { createLending, type HostIdentity } from './lentManagedIdentity.ts';

const world = openWorld(inject('testbed'));
const { kube, azure, testbed } = world;
const lending = createLending(world);
let controller: ControllerProcess;
let system: HostIdentity;
let user: HostIdentity;

beforeAll(async () => {
  [system, user] = await lending.createHostIdentities();
  controller = await world.startController({ env: lending.env });
  await controller.untilReady();
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterEach(() => azure.setHostFaults({}));
afterAll(async () => {
  await lending.clear();
  await world.close();
});

describe('a managed identity of the host, lent by a ClusterVaultConnection, reads', () => {
  const kind = 'UserAssignedIdentity';

  test.each<readonly [string, () => HostIdentity, () => LendableIdentity]>([
    ['assigned by the system', () => system, () => ({ kind: 'SystemAssignedIdentity' })],
    ['by client id', () => user, () => ({ kind, clientId: user.clientId })],
    ['by object id', () => user, () => ({ kind, objectId: user.objectId })],
    ['by resource id', () => user, () => ({ kind, resourceId: user.resourceId })],
  ])('%s, and it is its token that reaches the vault', async (_, reader, identity) => {
    const { clientId } = reader();
    const { at, vault } = await lending.borrow(identity(), { reader: clientId });

    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });

    expect(textsOf(await kube.get(secrets, at))).toEqual({ K: 'lent' });
    expect(await countRequests(world, { vault, kind: 'get' })).toBe(1);
    expect(await countRequests(world, { vault, kind: 'get', clientId, status: 200 })).toBe(1);
  });
});

test('a managed identity is never replaced by the workload identity of the pod, whose variables stand beside', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vaultsecret-identity-'));
  const tokenFile = join(directory, 'token');
  // A token that would be taken: what must not happen is that it is tried.
  await writeFile(tokenFile, await lending.trustPodAs(user.clientId));
  await controller.end('SIGTERM');
  const { tenantId, caFile, proxyUrl } = testbed.azure;
  const workloadIdentity = {
    AZURE_CLIENT_ID: user.clientId,
    AZURE_TENANT_ID: tenantId,
    AZURE_FEDERATED_TOKEN_FILE: tokenFile,
    NODE_EXTRA_CA_CERTS: caFile,
    HTTPS_PROXY: proxyUrl,
  };
  controller = await world.startController({ env: { ...lending.env, ...workloadIdentity } });
  await controller.untilReady();
  const { clientId } = user;
  await azure.resetRequestCounts();

  const { at, vault } = await lending.borrow(
    { kind: 'UserAssignedIdentity', clientId },
    { reader: clientId },
  );

  await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
  expect(await countRequests(world, { clientId, kind: 'imdsToken', status: 200 })).toBe(1);
  expect(await countRequests(world, { kind: 'token' })).toBe(0);
  expect(await countRequests(world, { vault, clientId, kind: 'get', status: 200 })).toBe(1);
  await rm(directory, { recursive: true });
});

test('what is missing at the vault is told with the id under which it knows the identity', async () => {
  const { at, connection } = await lending.borrow({ kind: 'SystemAssignedIdentity' });

  await untilCondition(kube, at, { status: 'False', reason: 'LentReadRefused' });

  const told = await lending.untilTold(connection);
  expect(told.reason).toBe('KeyVaultRoleMissing');
  expect(told.message).toContain(`--assignee ${system.clientId}`);
});

test('one that the host does not have is explained, and used as soon as it has', async () => {
  const { clientId } = user;
  await azure.setHostFaults({ unassigned: [clientId] });
  const { at, connection } = await lending.borrow(
    { kind: 'UserAssignedIdentity', clientId },
    { reader: clientId },
  );
  await untilCondition(kube, at, { status: 'False', reason: 'LentReadRefused' });
  const told = await lending.untilTold(connection);
  expect(told.reason).toBe('ManagedIdentityNotAssigned');
  expect(told.message).toMatch(/VS142: .*az vmss identity assign/);

  await azure.setHostFaults({});

  await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
});
