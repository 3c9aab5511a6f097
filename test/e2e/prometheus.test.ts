import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { controllerPods } from './controllerPods.ts';
import { startPrometheus, type Alert, type Prometheus } from './prometheus.ts';
import { releaseNamespace } from './ourNamespaces.ts';
import { deployment, install, uninstall } from './release.ts';
import { shippedRules, type RuleGroup } from './shippedRules.ts';
import { openShop } from './shop.ts';
import { troubles } from './troubles.ts';
import { until } from './until.ts';
import { openWorld } from './world.ts';

const world = openWorld(inject('cluster'));
let prometheus: Prometheus;
let shipped: RuleGroup[];
const stops: (() => Promise<void>)[] = [];

const dashboard = z
  .object({
    panels: z.array(
      z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) }),
    ),
  })
  .parse(
    JSON.parse(
      readFileSync(
        resolve(import.meta.dirname, '../../deploy/helm/files/monitoring/dashboard.json'),
        'utf8',
      ),
    ),
  );
const queries = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }): [title: string, query: string] => [title, inGrafana(expr)]),
);

/** With all chosen, and the shortest range that holds four scrapes. */
function inGrafana(expression: string): string {
  return expression.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.*');
}

/** The same rules without their patience, to see the alerts themselves in seconds. */
const atOnce = 'at once';
const impatient = ({ rules }: RuleGroup): object => ({
  name: atOnce,
  rules: rules.map((rule) => ({ ...rule, for: '0s' })),
});

beforeAll(async () => {
  await install(world);
  shipped = await shippedRules();
  prometheus = await startPrometheus(world, [...shipped, ...shipped.map(impatient)]);
  stops.push(() => prometheus.stop());
  await openShop(world, 'observed');
  await Promise.all(troubles.map((trouble) => trouble(world)));
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

test('Prometheus loads the rules as the chart ships them, and can evaluate each', async () => {
  const groups = await until('all rules to be evaluated', 30_000, async () => {
    const found = await prometheus.ruleGroups();
    const isUnknown = found.some(({ rules }) => rules.some(({ health }) => health === 'unknown'));
    return isUnknown ? undefined : found;
  });
  const loaded = groups.filter(({ name }) => name !== atOnce);
  expect(loaded.map(({ rules }) => rules)).toEqual(
    shipped.map(({ rules }) => rules.map(({ alert }) => ({ name: alert, health: 'ok' }))),
  );
});

/** The first has a test of its own below; a refresh is called late after ten minutes, which promtool's cases cover. */
const takesLonger = ['VaultSecretLeaderMissing', 'VaultSecretRefreshLate'];

describe('of the shipped alerts', () => {
  test('each fires once its trouble is there', async () => {
    const wanted = shipped
      .flatMap(({ rules }) => rules.map(({ alert }) => alert))
      .filter((alert) => !takesLonger.includes(alert));
    expect(incomplete(await firing(wanted))).toEqual([]);
  });

  test('those whose patience is not over are pending', async () => {
    expect(await prometheus.alerts()).toContainEqual(
      expect.objectContaining({ name: 'VaultSecretObjectExpires', state: 'pending' }),
    );
  });
});

describe('the dashboard', () => {
  test.each(queries)('has data in %s', async (_, query) => {
    const series = await until(`data of ${query}`, 30_000, async () => {
      const found = await prometheus.seriesOf(query);
      return found > 0 ? found : undefined;
    });
    expect(series).toBeGreaterThan(0);
  });
});

test('when no controller is there any more, that is an alert too', async () => {
  const before = await prometheus.alerts();
  expect(before.map(({ name }) => name)).not.toContain('VaultSecretLeaderMissing');

  await world.kubectl(`scale ${deployment} --namespace ${releaseNamespace} --replicas 0`);
  expect(incomplete(await firing(['VaultSecretLeaderMissing']))).toEqual([]);
});

/** All that fire, once the wanted ones are among them. */
async function firing(wanted: readonly string[]): Promise<Alert[]> {
  let missing = wanted;
  const look = async (): Promise<Alert[] | undefined> => {
    const found = (await prometheus.alerts()).filter(({ state }) => state === 'firing');
    missing = wanted.filter((one) => !found.some(({ name }) => name === one));
    return missing.length === 0 ? found : undefined;
  };
  return until(`${wanted.join(', ')} to fire`, 60_000, look).catch((late: unknown) => {
    throw new Error(`not firing: ${missing.join(', ')}`, { cause: late });
  });
}

/** Texts in which Prometheus found nothing to fill in. */
function incomplete(alerts: readonly Alert[]): string[] {
  return alerts
    .flatMap(({ annotations }) => Object.values(annotations))
    .filter((text) => text === '' || /<no value>|<error|\{\{|^ /.test(text));
}
