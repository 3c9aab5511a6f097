import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import {
  roleBindings,
  roles,
  serviceAccounts,
  vaultConnections,
  vaultSecrets,
} from '../../testbed/kubeResources.ts';
import { openWorld } from '../../testbed/world.ts';
import { untilRefused } from '../admission.ts';
import { applyChart, asServiceAccount, type ChartRelease } from '../chartRelease.ts';

const world = openWorld(inject('testbed'));
const { kube, stage } = world;
const name = 'tenant';
let release: ChartRelease;
let namespace: string;
let tenant: Awaited<ReturnType<typeof asServiceAccount>>;

beforeAll(async () => {
  release = await applyChart(world);
  namespace = await stage.createNamespace();
  await kube.apply(serviceAccounts, { metadata: { namespace, name } });
  const ours = {
    apiGroups: ['vaultsecret.dev'],
    resources: ['vaultsecrets', 'vaultconnections'],
  };
  await kube.apply(roles, {
    metadata: { namespace, name },
    rules: [
      { ...ours, verbs: ['get', 'create', 'patch'] },
      { ...ours, resourceNames: ['lent'], verbs: ['use'] },
      {
        apiGroups: [''],
        resources: ['serviceaccounts/token'],
        resourceNames: ['theirs'],
        verbs: ['create'],
      },
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['theirs'], verbs: ['get'] },
    ],
  });
  await kube.apply(roleBindings, {
    metadata: { namespace, name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  tenant = await asServiceAccount(world, { namespace, name });
  await untilRefused(tenant.kube, {
    method: 'POST',
    path: `/apis/vaultsecret.dev/v1alpha1/namespaces/${namespace}/vaultsecrets`,
    body: {
      apiVersion: 'vaultsecret.dev/v1alpha1',
      kind: 'VaultSecret',
      metadata: fresh(),
      spec: specNaming({ serviceAccountName: 'admin' }),
    },
  });
});
afterAll(async () => {
  await tenant.close();
  await release.remove();
  await world.close();
});

let count = 0;
const fresh = () => ({ namespace, name: `app-${(count += 1)}` });
const refusal = (says: string) => ({ message: expect.stringContaining(says) });

const specNaming = (named: object) => ({
  data: [{ dataKey: 'PASSWORD', secret: { name: 'password' } }],
  ...('vaultConnectionRef' in named ? {} : { vaultUrl: 'https://shop.vault.azure.net' }),
  ...named,
});

describe('a tenant', () => {
  const user = (): string => `system:serviceaccount:${namespace}:${name}`;
  const connection = (called: string) => ({
    vaultConnectionRef: { kind: 'VaultConnection', name: called },
  });
  const aName = (named: object) =>
    tenant.kube.create(vaultSecrets, { metadata: fresh(), spec: specNaming(named) });

  test.each<[what: string, named: object, says: string]>([
    [
      'a ServiceAccount of which they may create no token',
      { serviceAccountName: 'admin' },
      'who names ServiceAccount admin must be allowed to create serviceaccounts/token of it, and',
    ],
    [
      'a VaultConnection on which they have not the verb use',
      connection('kept'),
      'who names VaultConnection kept must have the verb use on it, and',
    ],
  ])('does not name %s', async (_, named, says) => {
    await expect(aName(named)).rejects.toMatchObject({ status: 403, ...refusal(says) });
    await expect(aName(named)).rejects.toMatchObject(refusal(user()));
  });

  test('names what is theirs', async () => {
    await expect(aName({ serviceAccountName: 'theirs' })).resolves.toBeDefined();
    await expect(aName(connection('lent'))).resolves.toBeDefined();
  });

  test('makes no VaultConnection that reads with a ServiceAccount of others', async () => {
    const spec = { vaultUrl: 'https://shop.vault.azure.net', serviceAccountName: 'admin' };

    await expect(
      tenant.kube.create(vaultConnections, { metadata: { namespace, name: 'mine' }, spec }),
    ).rejects.toMatchObject(refusal('who names ServiceAccount admin'));
  });

  const id = '11111111-1111-4111-8111-111111111111';
  const application = (reference: object) => ({
    vaultUrl: 'https://shop.vault.azure.net',
    servicePrincipal: { tenantId: id, clientId: id, ...reference },
  });

  test.each<[string, (called: string) => object]>([
    ['client secret', (called) => ({ secretRef: { name: called, key: 'value' } })],
    ['certificate', (called) => ({ certificateRef: { name: called } })],
  ])('names a %s alone that they can get', async (_, reference) => {
    const create = (called: string) =>
      tenant.kube.create(vaultConnections, {
        metadata: fresh(),
        spec: application(reference(called)),
      });

    await expect(create('kept')).rejects.toMatchObject(
      refusal('who names Secret kept as a credential must be allowed to get it, and'),
    );
    await expect(create('theirs')).resolves.toBeDefined();
  });

  test('changes no VaultSecret to read with it, and none that reads with it but in its annotations', async () => {
    const mine = fresh();
    await tenant.kube.create(vaultSecrets, {
      metadata: mine,
      spec: specNaming({ serviceAccountName: 'theirs' }),
    });
    const others = fresh();
    await kube.create(vaultSecrets, {
      metadata: others,
      spec: specNaming({ serviceAccountName: 'admin' }),
    });

    await expect(
      tenant.kube.mergePatch(vaultSecrets, mine, { spec: { serviceAccountName: 'admin' } }),
    ).rejects.toMatchObject(refusal('who names ServiceAccount admin'));
    await expect(
      tenant.kube.mergePatch(vaultSecrets, others, { spec: { refreshInterval: '5m' } }),
    ).rejects.toMatchObject(refusal('who names ServiceAccount admin'));
    const annotations = { 'vaultsecret.dev/refresh': '1' };
    await tenant.kube.mergePatch(vaultSecrets, others, { metadata: { annotations } });
  });
});
