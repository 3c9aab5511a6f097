import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { controllerUser } from '../testbed/installation.ts';
import { vaultSecrets, secrets } from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import { install, uninstall } from './release.ts';
import { openWorld } from './world.ts';
import { untilSecret } from '../testbed/expectations.ts';

const world = openWorld(inject('cluster'));
const { kube, azure, stage, kubectl } = world;
let named: Team;
let other: Team;

beforeAll(async () => {
  named = await stage.createTeam();
  other = await stage.createTeam();
  await install(world, { values: { namespaces: [named.namespace] } });
});
afterAll(async () => {
  await stage.clear();
  await uninstall(world);
  await world.close();
});

async function createShop(team: Team): Promise<void> {
  await azure.putSecret(team.vault, 'db-password', { value: 'first' });
  await stage.createVaultSecret(team, 'shop', {
    data: [{ dataKey: 'DB_PASSWORD', secret: { name: 'db-password' } }],
  });
}

test('in namespaced mode only VaultSecrets of the named namespaces are worked on', async () => {
  const at = ({ namespace }: Team) => ({ namespace, name: 'shop' });
  await createShop(other);
  await createShop(named);

  await untilSecret(kube, at(named), { DB_PASSWORD: 'first' }, 30_000);
  expect((await kube.get(vaultSecrets, at(other))).status?.conditions).toBeUndefined();
  expect(await kube.find(secrets, at(other))).toBeUndefined();
});

test('in namespaced mode the controller may do nothing elsewhere', async () => {
  const may = (action: string, { namespace }: Team): Promise<string> =>
    kubectl(`auth can-i ${action} -n ${namespace} --as=${controllerUser}`).catch(() => 'no\n');

  expect(await may('patch secrets', named)).toBe('yes\n');
  expect(await may('patch secrets', other)).toBe('no\n');
  expect(await may('list vaultsecrets', other)).toBe('no\n');
  expect(await may('create serviceaccounts/token', other)).toBe('no\n');
});
