import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  onTestFailed,
  test,
} from 'vitest';
import { azureClouds } from '../../../src/api/cloud.ts';
import { clientIdAnnotation } from '../../../src/api/meta.ts';
import { createAssertionSource } from '../../../src/identity/assertions.ts';
import { createApiClient } from '../../../src/kube/request.ts';
import { loadKubeConfig } from '../../../src/kube/config.ts';
import { createServiceAccountTokenClient } from '../../../src/kube/serviceAccountTokens.ts';
import { createSystemClock } from '../../../src/system.ts';
import type { ControllerProcess } from '../../testbed/controllerProcess.ts';
import { textsOf, untilCondition } from '../../testbed/expectations.ts';
import { untilObject } from '../../testbed/kubeConditions.ts';
import { secrets, serviceAccounts, vaultSecrets } from '../../testbed/kubeResources.ts';
import { openWorld } from '../../testbed/world.ts';
import { createSynced, type Synced } from '../syncedVaultSecret.ts';
import { countRequests } from './azureRequests.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage, azure } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterAll(() => world.close());

const serviceAccountOf = ({ team }: Synced) => ({
  namespace: team.namespace,
  name: team.serviceAccountName,
});

/** Deletes it; from when the VaultSecret says so on, the controller has seen it. */
async function remove(synced: Synced): Promise<void> {
  await kube.delete(serviceAccounts, serviceAccountOf(synced));
  await untilCondition(kube, synced.at, { status: 'False', reason: 'ServiceAccountNotFound' });
}

async function create(synced: Synced, annotations: Record<string, string>): Promise<void> {
  await kube.create(serviceAccounts, { metadata: { ...serviceAccountOf(synced), annotations } });
}

/** What was asked of Azure in the name of the identity that the first ServiceAccount had. */
async function usesOf({ team: { clientId, vault } }: Synced) {
  return {
    tokens: await countRequests(world, { clientId, kind: 'token', status: 200 }),
    values: await countRequests(world, { clientId, vault, kind: 'get' }),
  };
}

describe('a ServiceAccount that was made again under the same name, while a token is warm', () => {
  test('without an identity, has none', async () => {
    const synced = await createSynced(world);
    const before = await usesOf(synced);

    // As fast as somebody can.
    await kube.delete(serviceAccounts, serviceAccountOf(synced));
    await create(synced, {});
    await untilCondition(kube, synced.at, { status: 'False', reason: 'ClientIdMissing' });
    await kube.mergePatch(vaultSecrets, synced.at, { spec: { refreshInterval: '2m' } });

    await untilCondition(kube, synced.at, { status: 'False', reason: 'ClientIdMissing' });
    expect(await usesOf(synced)).toEqual(before);
  });

  test('with another identity, reads with that alone', async () => {
    const synced = await createSynced(world);
    const { vault } = synced.team;
    const before = await usesOf(synced);
    const other = await stage.createServiceAccount({ namespace: synced.at.namespace, name: 'own' });
    const { namespace, name } = serviceAccountOf(synced);
    const subject = `system:serviceaccount:${namespace}:${name}`;
    await azure.addFederatedCredentials({ clientId: other, issuer: testbed.issuer, subject });

    await remove(synced);
    await create(synced, { [clientIdAnnotation]: other });

    await untilCondition(kube, synced.at, { status: 'False', reason: 'KeyVaultRoleMissing' });
    expect(await usesOf(synced)).toEqual(before);
    expect(
      await countRequests(world, { clientId: other, vault, kind: 'get', status: 403 }),
    ).toBeGreaterThan(0);
  });

  test('with the same identity, has to prove itself anew', async () => {
    const synced = await createSynced(world);
    const before = await usesOf(synced);
    const { clientId } = synced.team;
    const requests = await tokenRequests(synced);

    await remove(synced);
    await azure.putSecret(synced.team.vault, 'password', { value: 'second' });
    await create(synced, { [clientIdAnnotation]: clientId });
    await untilCondition(kube, synced.at, { status: 'True', reason: 'Synced' });

    expect(textsOf(await kube.get(secrets, synced.at))).toEqual({ PASSWORD: 'second' });
    expect((await usesOf(synced)).tokens).toBe(before.tokens + 1);
    expect(await tokenRequests(synced)).toBe(requests + 1);
  });

  test('with the same identity, is refused when Microsoft Entra ID no longer knows it', async () => {
    const synced = await createSynced(world);
    const { clientId } = synced.team;
    await azure.removeFederatedCredentials({ clientId });
    const before = await usesOf(synced);

    await remove(synced);
    await create(synced, { [clientIdAnnotation]: clientId });

    const reason = 'FederatedIssuerNotFound';
    await untilCondition(kube, synced.at, { status: 'False', reason });
    expect(await usesOf(synced)).toEqual(before);
    expect(textsOf(await kube.get(secrets, synced.at))).toEqual({ PASSWORD: 'first' });
  });

  test('and is gone again, reads nothing', async () => {
    const synced = await createSynced(world);
    const before = await usesOf(synced);

    await remove(synced);
    await kube.mergePatch(vaultSecrets, synced.at, { spec: { refreshInterval: '2m' } });

    await untilCondition(kube, synced.at, { status: 'False', reason: 'ServiceAccountNotFound' });
    expect(await usesOf(synced)).toEqual(before);
  });
});

describe('a ServiceAccount', () => {
  test('that is deleted and held by a finalizer is not used, though the API server issues its tokens', async () => {
    const synced = await createSynced(world);
    const serviceAccount = serviceAccountOf(synced);
    const finalizers = ['example.com/held'];
    await kube.mergePatch(serviceAccounts, serviceAccount, { metadata: { finalizers } });
    const before = await usesOf(synced);

    await kube.delete(serviceAccounts, serviceAccount);

    const reason = 'ServiceAccountTerminating';
    const { status } = await untilCondition(kube, synced.at, { status: 'False', reason });
    expect(status?.conditions?.[0]?.message).toMatch(/^VS115: .* is being deleted/);
    await azure.putSecret(synced.team.vault, 'password', { value: 'second' });
    await kube.mergePatch(vaultSecrets, synced.at, { spec: { refreshInterval: '2m' } });
    await untilObject(kube, vaultSecrets, synced.at, {
      what: 'the edit to be looked at',
      holds: (found) => found?.status?.observedGeneration === found?.metadata.generation,
    });
    expect(await usesOf(synced)).toEqual(before);
    expect(await kube.requestToken(serviceAccount)).not.toBe('');

    await kube.mergePatch(serviceAccounts, serviceAccount, { metadata: { finalizers: null } });
    await untilCondition(kube, synced.at, { status: 'False', reason: 'ServiceAccountNotFound' });
  });
});

/** What the controller asked of the API server for it. */
async function tokenRequests({ at }: Synced): Promise<number> {
  const writes = await world.writes();
  return writes.filter(
    ({ namespace, resource }) => namespace === at.namespace && resource === 'serviceaccounts/token',
  ).length;
}

describe('a token is had', () => {
  const config = loadKubeConfig([testbed.controllerKubeconfig], createSystemClock());
  const tokens = createServiceAccountTokenClient(createApiClient(config));
  const noFile = () => Promise.reject(new Error('no pod of ours asks here'));
  const assertions = createAssertionSource(tokens, noFile, { clock: createSystemClock() });

  // From 1.34 on the API server compares the uid of a request; before, only the token says whose it is.
  test('only of the ServiceAccount that was seen, not of the next one of its name', async () => {
    const { namespace, clientId } = await stage.createTeam();
    const at = { namespace, name: 'app' };
    const { uid } = (await kube.get(serviceAccounts, at)).metadata;
    await kube.delete(serviceAccounts, at);
    const next = await kube.create(serviceAccounts, { metadata: at });
    const identityOf = (serviceAccountUid: string) =>
      ({
        kind: 'workloadIdentity',
        namespace,
        serviceAccountName: 'app',
        serviceAccountUid,
        clientId,
        tenantId: testbed.azure.tenantId,
        cloud: azureClouds.AzurePublic,
      }) as const;

    await expect(assertions.acquire(identityOf(uid))).rejects.toMatchObject({
      reason: 'TokenRequestRefused',
      details: { status: 409 },
    });
    const answer = await assertions.acquire(identityOf(next.metadata.uid));
    expect(answer.expiresAt).toBeGreaterThan(Date.now());
  });
});
