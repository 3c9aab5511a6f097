import { afterAll, afterEach, expect, inject, test } from 'vitest';
import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets, vaultSecrets } from '../testbed/kubeResources.ts';
import { releaseNamespace } from './ourNamespaces.ts';
import { install, releaseName, uninstall } from './release.ts';
import { openShop } from './shop.ts';
import { openWorld } from './world.ts';

const world = openWorld(inject('cluster'));
const { kube, helm } = world;

afterEach(async () => {
  await world.stage.clear();
  await uninstall(world);
});
afterAll(() => world.close());

const helmUninstall = () =>
  helm(`uninstall ${releaseName} --namespace ${releaseNamespace} --wait --timeout 60s`);

test('an uninstall keeps every VaultSecret and every Secret, and a new installation goes on with them', async () => {
  await install(world);
  const shop = await openShop(world, 'kept');
  const { metadata } = await kube.get(secrets, shop.at);
  await helmUninstall();

  expect(await kube.find(vaultSecrets, shop.at)).toBeDefined();
  expect((await kube.get(secrets, shop.at)).metadata).toEqual(metadata);

  await install(world);
  await shop.rotate('after the new installation');
  await shop.untilValue('after the new installation', 30_000);
  expect((await kube.get(secrets, shop.at)).metadata.uid).toBe(metadata.uid);
});

test('with crds.keep off it takes VaultSecrets and their Secrets along, but for those with Orphan', async () => {
  await install(world, { values: { crds: { install: true, keep: false } } });
  const owned = await openShop(world, 'goes');
  const orphan = await openShop(world, 'stays', { target: { creationPolicy: 'Orphan' } });
  await helmUninstall();

  await untilObject(kube, secrets, owned.at, {
    what: 'the Secret to be collected',
    holds: (secret) => secret === undefined,
    timeoutMs: 60_000,
  });
  expect(await kube.find(secrets, orphan.at)).toBeDefined();
});
