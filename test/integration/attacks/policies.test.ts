import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { fieldManagerOf, managedLabel, tokenExchangeAudience } from '../../../src/api/meta.ts';
import type { KubeClient, ObjectName } from '../../testbed/kubeClient.ts';
import { secrets, serviceAccounts, vaultSecrets } from '../../testbed/kubeResources.ts';
import { openWorld } from '../../testbed/world.ts';
import { untilRefused } from '../admission.ts';
import { applyChart, type ChartRelease } from '../chartRelease.ts';

const world = openWorld(inject('testbed'));
const { kube, stage } = world;
let release: ChartRelease;
/** The thief: the controller's real token, with the chart's RBAC and policies and nothing of our code. */
let thief: KubeClient;
let namespace: string;

beforeAll(async () => {
  release = await applyChart(world);
  thief = release.controllerKube;
  namespace = await stage.createNamespace();
  await untilRefused(thief, {
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/secrets`,
    body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'unlabelled' } },
  });
});
afterAll(async () => {
  await release.remove();
  await world.close();
});

const labels = { [managedLabel]: 'true' };
let count = 0;
const fresh = () => ({ namespace, name: `secret-${(count += 1)}` });
const refusal = (says: string) => ({ message: expect.stringContaining(says) });

/** Of somebody else, as an administrator makes it. */
async function secretOf(owner: object, more: object = {}): Promise<ObjectName> {
  const at = fresh();
  await kube.create(secrets, { metadata: { ...at, ...owner }, ...more });
  return at;
}

describe('with a stolen token of the controller nobody can', () => {
  const token = (spec: object) => async () => {
    await kube.apply(serviceAccounts, { metadata: { namespace, name: 'app' } });
    await thief.send({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/serviceaccounts/app/token`,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec },
    });
  };
  const create =
    (metadata: object, more: object = {}) =>
    async () =>
      thief.create(secrets, { metadata: { ...fresh(), labels, ...metadata }, ...more });
  const patch =
    (owner: object, change: object, more: object = {}) =>
    async () =>
      thief.mergePatch(secrets, await secretOf(owner, more), change);

  test.each<[what: string, attempt: () => Promise<unknown>, says: string]>([
    [
      'request a token for the API server',
      token({ audiences: [] }),
      'of audience api://AzureADTokenExchange only',
    ],
    [
      'request a token for two audiences',
      token({ audiences: [tokenExchangeAudience, 'https://kubernetes.default.svc'] }),
      'of audience api://AzureADTokenExchange only',
    ],
    [
      'request a token of a day',
      token({ audiences: [tokenExchangeAudience], expirationSeconds: 86_400 }),
      'of one hour at most',
    ],
    ['create a Secret without the label', create({ labels: {} }), 'creates Secrets with the label'],
    [
      'create one with another value of it',
      create({ labels: { [managedLabel]: 'no' } }),
      'creates Secrets with',
    ],
    [
      'create a token of a ServiceAccount as a Secret',
      create(
        { annotations: { 'kubernetes.io/service-account.name': 'app' } },
        { type: 'kubernetes.io/service-account-token' },
      ),
      'no credentials of Kubernetes',
    ],
    [
      'create a bootstrap token',
      create({}, { type: 'bootstrap.kubernetes.io/token' }),
      'no credentials of Kubernetes',
    ],
    [
      'create a release of Helm',
      create({}, { type: 'helm.sh/release.v1' }),
      'no credentials of Kubernetes or Helm',
    ],
    [
      'change the Secret of somebody else',
      patch({}, { data: { a: 'Yg==' } }),
      'changes Secrets with the label',
    ],
    [
      'label the Secret of somebody else',
      patch({}, { metadata: { labels } }),
      'changes Secrets with the label',
    ],
    [
      'change a credential of Kubernetes, though it is labelled',
      patch(
        { labels, annotations: { 'kubernetes.io/service-account.name': 'app' } },
        { data: { token: 'Yg==' } },
        { type: 'kubernetes.io/service-account-token' },
      ),
      'no credentials of Kubernetes',
    ],
    [
      'set a label with a meaning to Kubernetes',
      patch({ labels }, { metadata: { labels: { 'kubernetes.io/cluster-service': 'true' } } }),
      'no labels with a prefix',
    ],
    [
      'set an annotation with a meaning to Helm',
      patch({ labels }, { metadata: { annotations: { 'meta.helm.sh/release-name': 'shop' } } }),
      'no annotations with a prefix',
    ],
    [
      'delete the Secret of somebody else',
      async () => thief.delete(secrets, await secretOf({})),
      'deletes Secrets with the label',
    ],
  ])('%s', async (_, attempt, says) => {
    await expect(attempt()).rejects.toMatchObject(refusal(says));
  });

  test.each<[what: string, change: object]>([
    ['spec', { spec: { refreshInterval: '2h' } }],
    ['labels', { metadata: { labels: { a: 'b' } } }],
    ['annotations', { metadata: { annotations: { a: 'b' } } }],
    ['finalizers', { metadata: { finalizers: ['example.com/for-ever'] } }],
  ])('change the %s of a VaultSecret', async (_, change) => {
    const at = await aVaultSecret();

    await expect(thief.mergePatch(vaultSecrets, at, change)).rejects.toMatchObject(
      refusal('changes nothing of a VaultSecret but'),
    );
  });
});

async function aVaultSecret(): Promise<ObjectName> {
  const at = fresh();
  await kube.create(vaultSecrets, {
    metadata: at,
    spec: {
      vaultUrl: 'https://shop.vault.azure.net',
      serviceAccountName: 'app',
      data: [{ dataKey: 'PASSWORD', secret: { name: 'password' } }],
    },
  });
  return at;
}

describe('what the controller needs is let through', () => {
  test('a token for Microsoft Entra ID, of an hour', async () => {
    await kube.apply(serviceAccounts, { metadata: { namespace, name: 'app' } });

    const token = await thief.requestToken(
      { namespace, name: 'app' },
      { audience: tokenExchangeAudience },
    );

    expect(token).not.toBe('');
  });

  test('Secrets with the label, whatever else their owner put on them', async () => {
    const at = await secretOf({ labels: { ...labels, 'kubernetes.io/cluster-service': 'true' } });

    await thief.mergePatch(secrets, at, { data: { a: 'Yg==' } });
    await thief.delete(secrets, at);

    expect(await kube.find(secrets, at)).toBeUndefined();
  });

  test('the finalizer of Merge on a VaultSecret', async () => {
    const at = await aVaultSecret();
    const finalizers = ['vaultsecret.dev/merged-keys'];

    await thief.mergePatch(vaultSecrets, at, { metadata: { finalizers } });
    await thief.mergePatch(vaultSecrets, at, { metadata: { finalizers: null } });

    expect((await kube.get(vaultSecrets, at)).metadata.finalizers).toEqual([]);
  });
});

describe('a Secret that the controller applied, and whose label somebody stripped,', () => {
  const manager = fieldManagerOf('7c9e6679-7425-40de-944b-e07fc1f90ae7');
  async function stripped(): Promise<ObjectName> {
    const at = fresh();
    await thief.apply(secrets, { metadata: { ...at, labels }, data: { a: 'YQ==' } }, manager);
    await kube.mergePatch(secrets, at, { metadata: { labels: { [managedLabel]: null } } });
    return at;
  }

  test('gets it back', async () => {
    const at = await stripped();

    await thief.apply(secrets, { metadata: { ...at, labels }, data: { a: 'YQ==' } }, manager);

    expect((await kube.get(secrets, at)).metadata.labels).toEqual(labels);
  });

  test('is changed in no other way', async () => {
    const change = thief.mergePatch(secrets, await stripped(), { data: { a: 'Yg==' } });

    await expect(change).rejects.toMatchObject(refusal('changes Secrets with the label'));
  });

  test('may be deleted', async () => {
    const at = await stripped();

    await thief.delete(secrets, at);

    expect(await kube.find(secrets, at)).toBeUndefined();
  });
});
