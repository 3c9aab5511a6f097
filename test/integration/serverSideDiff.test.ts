import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import { managedLabel } from '../../src/api/meta.ts';
import { untilCondition } from '../testbed/expectations.ts';
import { renderChart } from '../testbed/helm.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { kubectl } from '../testbed/kubectl.ts';
import { clusterVaultConnections, secrets, vaultSecrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure, testbed } = world;
let namespace: string;
let manifests: readonly object[];

/** What Argo CD, Flux and Helm put on whatever they apply. */
const tracking = {
  labels: {
    'app.kubernetes.io/instance': 'shop',
    'app.kubernetes.io/managed-by': 'Helm',
    'argocd.argoproj.io/instance': 'shop',
    'kustomize.toolkit.fluxcd.io/name': 'shop',
  },
  annotations: {
    'argocd.argoproj.io/tracking-id': 'shop:vaultsecret.dev/VaultSecret:shop/app',
    'argocd.argoproj.io/sync-wave': '-1',
    'meta.helm.sh/release-name': 'shop',
  },
};

const data = [{ dataKey: 'PASSWORD', secret: { name: 'password' } }];

/** One of each kind, with what the controller adds a finalizer to, and as many fields left out as can be. */
async function createManifests(): Promise<object[]> {
  const team = await stage.createTeam();
  const { vault, vaultUrl, serviceAccountName } = team;
  ({ namespace } = team);
  await azure.putSecret(vault, 'password', { value: 'first' });
  const labels = { [managedLabel]: 'true' };
  await kube.create(secrets, { metadata: { namespace, name: 'shared', labels } });
  const manifest = (kind: string, name: string, spec: object, at: object = { namespace }) => ({
    apiVersion: vaultSecrets.apiVersion,
    kind,
    metadata: { name, ...at, ...tracking },
    spec,
  });
  const here = { vaultConnectionRef: { kind: 'VaultConnection', name: 'prod' } };
  const lent = { kind: 'ClusterVaultConnection', name: namespace };
  return [
    manifest('VaultConnection', 'prod', { vaultUrl, serviceAccountName }),
    manifest(lent.kind, lent.name, { vaultUrl, allowedNamespaces: { names: [namespace] } }, {}),
    manifest('VaultSecret', 'app', { ...here, data }),
    manifest('VaultSecret', 'lent', { vaultConnectionRef: lent, serviceAccountName, data }),
    manifest('VaultSecret', 'merging', {
      ...here,
      target: { name: 'shared', creationPolicy: 'Merge' },
      data: [{ dataKey: 'MERGED', secret: { name: 'password' } }],
    }),
  ];
}

const documents = (objects: readonly object[]): string =>
  objects.map((object) => stringify(object)).join('---\n');

async function applyAs(manager: string, objects: readonly object[]): Promise<void> {
  const flags = ['--server-side', `--field-manager=${manager}`, '--filename=-'];
  const { status, errors } = await kubectl(
    testbed.kubeconfig,
    ['apply', ...flags],
    documents(objects),
  );
  expect(errors).toBe('');
  expect(status).toBe(0);
}

/** As kubectl prints it; nothing when an apply would change nothing. */
async function differenceAs(manager: string, objects: readonly object[]): Promise<string> {
  const flags = ['--server-side', `--field-manager=${manager}`, '--filename=-'];
  const { status, output, errors } = await kubectl(
    testbed.kubeconfig,
    ['diff', ...flags],
    documents(objects),
  );
  // 1 is a difference; more is a failure: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_diff/
  if (status !== 0 && status !== 1) throw new Error(errors);
  return output;
}

beforeAll(async () => {
  const controller = await world.startController();
  await controller.untilReady();
  manifests = await createManifests();
  await applyAs('argocd-controller', manifests);
  for (const name of ['app', 'lent', 'merging'])
    await untilCondition(kube, { namespace, name }, { status: 'True', reason: 'Synced' });
  await untilObject(
    kube,
    clusterVaultConnections,
    { name: namespace },
    {
      what: 'the connection to be looked at',
      holds: (found) => found?.status?.conditions !== undefined,
    },
  );
});
afterAll(async () => {
  await kube.delete(clusterVaultConnections, { name: namespace });
  await world.close();
});

describe('once the controller has synced', () => {
  test.each(['argocd-controller', 'kustomize-controller', 'helm'])(
    'an apply by %s would change nothing of any kind',
    async (manager) => {
      expect(await differenceAs(manager, manifests)).toBe('');
    },
  );

  test('a difference in a manifest is seen', async () => {
    const [, , vaultSecret] = manifests;
    const changed = {
      ...vaultSecret,
      spec: { ...Object(vaultSecret).spec, refreshInterval: '2h' },
    };

    expect(await differenceAs('argocd-controller', [changed])).toContain('+  refreshInterval: 2h');
  });

  test('the Secret has nothing by which a tool would take it for its own, and prune it', async () => {
    const { metadata } = await kube.get(secrets, { namespace, name: 'app' });

    expect(Object.keys(metadata.labels)).toEqual([managedLabel]);
    expect(Object.keys(metadata.annotations).toSorted()).toEqual([
      'vaultsecret.dev/owner',
      'vaultsecret.dev/sync-record',
    ]);
    expect(metadata.ownerReferences).toMatchObject([{ kind: 'VaultSecret', name: 'app' }]);
  });
});

test('the chart, applied once, would change nothing when it is applied again', async () => {
  const release = await stage.createNamespace();
  const values = { 'crds.install': false, namespaces: [release] };
  const chart = await renderChart({ namespace: release, values });
  const objects = chart.filter(
    ({ metadata }) => metadata.annotations?.['helm.sh/hook'] === undefined,
  );

  await applyAs('argocd-controller', objects);

  expect(objects.map(({ kind }) => kind)).toContain('ValidatingAdmissionPolicy');
  expect(await differenceAs('argocd-controller', objects)).toBe('');
  await kubectl(testbed.kubeconfig, ['delete', '--filename=-'], documents(objects));
});
