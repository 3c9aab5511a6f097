import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { controllerPods } from './controllerPods.ts';
import { startPrometheus, type Prometheus } from './prometheus.ts';
import { install, uninstall } from './release.ts';
import { openShop } from './shop.ts';
import { until } from './until.ts';
import { openWorld } from './world.ts';

const world = openWorld(inject('cluster'));
let prometheus: Prometheus;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  await install(world);
  await openShop(world, 'observed');
  prometheus = await startPrometheus(world, []);
  stops.push(() => prometheus.stop());
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await world.stage.clear();
  await uninstall(world);
  await world.close();
});

test('Prometheus finds both replicas and can read their metrics', async () => {
  const targets = await until('both targets to be up', 30_000, async () => {
    const found = await prometheus.targets();
    return found.length === 2 && found.every(({ health }) => health === 'up') ? found : undefined;
  });
  const pods = await controllerPods(world);
  expect(new Set(targets.map(({ labels }) => labels['pod']))).toEqual(
    new Set(pods.map(({ metadata }) => metadata.name)),
  );
  expect(await prometheus.seriesOf('vaultsecret_build_info')).toBe(2);
});
