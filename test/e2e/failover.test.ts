import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { leader, untilReplicas } from './controllerPods.ts';
import { openNodeShell } from './nodeShell.ts';
import { releaseNamespace } from './ourNamespaces.ts';
import { install, uninstall } from './release.ts';
import { recordSecrets } from './secretRecord.ts';
import { openShop, type Shop } from './shop.ts';
import { openWorld } from './world.ts';

const world = openWorld(inject('cluster'));
let shop: Shop;

beforeAll(async () => {
  await install(world);
  shop = await openShop(world, 'first');
});
afterAll(async () => {
  await world.stage.clear();
  await uninstall(world);
  await world.close();
});

/** Of the lease: who stops in order need not be waited out. */
const leaseMs = 15_000;

test('when the leader is deleted, the other replica goes on before its lease would have ended', async () => {
  const before = await leader(world);
  const stoppedAt = Date.now();
  await world.kubectl(`delete pod ${before.pod.metadata.name} -n ${releaseNamespace} --wait=false`);
  const after = await leader(world, before);
  await shop.rotate('after a clean stop');
  await shop.untilValue('after a clean stop');

  expect(Date.now() - stoppedAt).toBeLessThan(leaseMs);
  expect(after.pod.metadata.uid).not.toBe(before.pod.metadata.uid);
  await untilReplicas(world, 2);
});

test('when the leader is killed, another goes on after its lease, and no Secret goes back or away', async () => {
  const record = await recordSecrets(world, shop.at.namespace);
  const before = await leader(world);
  const node = await openNodeShell(world, before.pod);
  await node.kill(before.pod);
  await shop.rotate('after a kill');
  const after = await leader(world, before);
  await shop.untilValue('after a kill', 10_000);

  expect(after.identity).not.toBe(before.identity);
  const changes = await record.stop();
  expect(changes.map(({ type, data }) => [type, data])).toEqual([
    ['MODIFIED', { DB_PASSWORD: 'after a kill' }],
  ]);
  await untilReplicas(world, 2);
});
