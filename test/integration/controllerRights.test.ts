import { afterAll, describe, expect, inject, test } from 'vitest';
import { controllerNamespace } from '../testbed/installation.ts';
import type { KubeClient, ObjectName } from '../testbed/kubeClient.ts';
import {
  configMaps,
  leases,
  namespaces,
  roleBindings,
  secrets,
  vaultSecrets,
} from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { rightsHeld, rightsIn, type RuleFile } from './rights/ruleFiles.ts';

const world = openWorld(inject('testbed'));
const { kube, controllerKube, stage } = world;
afterAll(() => world.close());

const linesIn = (file: RuleFile): string[] => rightsIn(file).map(({ line }) => line);
const everywhere = [...linesIn('cluster-role-rules'), ...linesIn('namespace-role-rules')];

describe('the controller', () => {
  test('has in any namespace the rights of the ClusterRole, and no others', async () => {
    const rights = await rightsHeld(controllerKube, await stage.createNamespace());

    expect(rights).toEqual(new Set(everywhere));
  });

  test('has in its own namespace those of the Role as well, and no others', async () => {
    const rights = await rightsHeld(controllerKube, controllerNamespace);

    expect(rights).toEqual(new Set([...everywhere, ...linesIn('role-rules')]));
  });

  test.each<[what: string, attempt: (at: ObjectName) => Promise<unknown>]>([
    ['read a ConfigMap', (at) => controllerKube.get(configMaps, at)],
    ['create a VaultSecret', (at) => controllerKube.create(vaultSecrets, { metadata: at })],
    ['delete a VaultSecret', (at) => controllerKube.delete(vaultSecrets, at)],
    [
      'replace a VaultSecret',
      (at) =>
        controllerKube.send({
          method: 'PUT',
          path: `/apis/vaultsecret.dev/v1alpha1/namespaces/${at.namespace}/vaultsecrets/${at.name}`,
          body: {},
        }),
    ],
    [
      'delete all Secrets at once',
      ({ namespace = '' }) => controllerKube.deleteAll(secrets, namespace),
    ],
    ['create a Lease elsewhere', (at) => controllerKube.create(leases, { metadata: at })],
    ['give itself a Role', (at) => controllerKube.create(roleBindings, { metadata: at })],
    ['create a namespace', ({ name }) => controllerKube.create(namespaces, { metadata: { name } })],
  ])('may not %s', async (_, attempt) => {
    const namespace = await stage.createNamespace();

    await expect(attempt({ namespace, name: 'attempt' })).rejects.toMatchObject({
      status: 403,
      reason: 'Forbidden',
    });
  });
});

test('a finalizer cannot be set with less than the right to patch VaultSecrets', async () => {
  const team = await stage.createTeam();
  const secret = { name: 'password' };
  await stage.createVaultSecret(team, 'app', { data: [{ dataKey: 'PASSWORD', secret }] });
  const path = `/apis/vaultsecret.dev/v1alpha1/namespaces/${team.namespace}/vaultsecrets/app`;
  const patch = (client: KubeClient, subresource: string) =>
    client.send({
      method: 'PATCH',
      path: `${path}/${subresource}`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: ['vaultsecret.dev/merged-keys'] } },
    });
  await patch(controllerKube, 'status');
  const at = { namespace: team.namespace, name: 'app' };

  expect((await kube.get(vaultSecrets, at)).metadata.finalizers).toEqual([]);
  await expect(patch(kube, 'finalizers')).rejects.toMatchObject({ status: 404 });
});
