import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { releaseNamespace } from './ourNamespaces.ts';
import { deployment, install, releaseName, uninstall, upgrade, type Chart } from './release.ts';
import { currentVersion, previousVersion, writePreviousChart } from './releases.ts';
import { recordSecrets } from './secretRecord.ts';
import { openShop, type Shop } from './shop.ts';
import { readSite } from './site.ts';
import { openWorld } from './world.ts';

const world = openWorld(inject('cluster'));
const previous: Chart = {
  path: writePreviousChart(join(readSite().directory, 'previousChart')),
  version: previousVersion,
};
let shops: Shop[];

beforeAll(async () => {
  await install(world, { chart: previous });
  shops = [
    await openShop(world, 'owned'),
    await openShop(world, 'orphan', { target: { creationPolicy: 'Orphan' } }),
  ];
});
afterAll(async () => {
  await world.stage.clear();
  await uninstall(world);
  await world.close();
});

/** What the Secrets of all shops go through meanwhile. */
async function changesDuring(action: () => Promise<unknown>): Promise<string[]> {
  const records = await Promise.all(shops.map(({ at }) => recordSecrets(world, at.namespace)));
  await action();
  const changes = await Promise.all(records.map((record) => record.stop()));
  return changes.flat().map(({ type, name }) => `${type} ${name}`);
}

async function runningImage(): Promise<string> {
  return world.kubectl(
    `get ${deployment} -n ${releaseNamespace} -o jsonpath={.spec.template.spec.containers[0].image}`,
  );
}

test('an upgrade from the previous version writes, changes and deletes no Secret', async () => {
  expect(await runningImage()).toMatch(`:${previousVersion}`);

  expect(await changesDuring(() => upgrade(world))).toEqual([]);

  expect(await runningImage()).toMatch(`:${currentVersion}`);
  await goesOn('after the upgrade');
});

test('a rollback writes, changes and deletes no Secret either', async () => {
  const rollback = `rollback ${releaseName} 1 --namespace ${releaseNamespace} --wait --timeout 90s`;
  expect(await changesDuring(() => world.helm(rollback))).toEqual([]);

  expect(await runningImage()).toMatch(`:${previousVersion}`);
  await goesOn('after the rollback');
});

/** Whichever version runs follows the vault, in every Secret that the other one wrote. */
async function goesOn(value: string): Promise<void> {
  for (const shop of shops) {
    await shop.rotate(value);
    await shop.untilValue(value);
  }
}
