import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilCondition, untilSecret } from '../testbed/expectations.ts';
import { secrets, vaultSecrets } from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import { openWorld } from '../testbed/world.ts';
import { applyChart, asServiceAccount, type ChartRelease } from './chartRelease.ts';
import { oneLine, outcomeOfRun } from './program.ts';
import { data, refreshed } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
let teams: Team[];
let outsider: Team;
let release: ChartRelease;
let user: Awaited<ReturnType<typeof asServiceAccount>>;
let controller: ControllerProcess;

const args = (namespaces: readonly string[]): string[] => [
  `--kubeconfig=${user.kubeconfig}`,
  ...namespaces.map((name) => `--watch-namespace=${name}`),
];

beforeAll(async () => {
  teams = [await stage.createTeam(), await stage.createTeam()];
  outsider = await stage.createTeam();
  const namespaces = teams.map(({ namespace }) => namespace);
  release = await applyChart(world, { values: { namespaces } });
  user = await asServiceAccount(world, { namespace: release.namespace, name: 'vaultsecret' });
  for (const { vault } of [...teams, outsider])
    await azure.putSecret(vault, 'password', { value: 'first' });
  controller = await world.startController({ args: args(namespaces) });
  await controller.untilReady();
});
afterAll(async () => {
  await controller.end('SIGTERM');
  await user.close();
  await release.remove();
  await world.close();
});

const at = ({ namespace }: Team) => ({ namespace, name: 'app' });

describe('a controller of two namespaces, with Roles in them alone,', () => {
  test('syncs, repairs and follows in both', async () => {
    for (const team of teams) {
      await stage.createVaultSecret(team, 'app', { data });
      await untilSecret(kube, at(team), { PASSWORD: 'first' });
      await kube.mergePatch(secrets, at(team), { data: { PASSWORD: 'Zm9yZWlnbg==' } });
      await untilSecret(kube, at(team), { PASSWORD: 'first' });
      await azure.putSecret(team.vault, 'password', { value: 'second' });
      await refreshed(world, at(team));

      expect(await untilSecret(kube, at(team), { PASSWORD: 'second' })).toBeDefined();
    }
  });

  test('says of a ClusterVaultConnection that it cannot be used', async () => {
    const name = { namespace: teams[0]?.namespace ?? '', name: 'lent' };
    const vaultConnectionRef = { kind: 'ClusterVaultConnection', name: 'prod' };
    await kube.create(vaultSecrets, { metadata: name, spec: { data, vaultConnectionRef } });

    const wanted = { status: 'False', reason: 'ClusterVaultConnectionNotAvailable' } as const;
    expect(await untilCondition(kube, name, wanted)).toBeDefined();
  });

  test('leaves the others alone, whose Secrets it cannot even read', async () => {
    await stage.createVaultSecret(outsider, 'app', { data });
    const path = `/api/v1/namespaces/${outsider.namespace}/secrets`;

    await expect(user.kube.send({ path })).rejects.toMatchObject({ status: 403 });
    await expect(user.kube.send({ path: '/api/v1/secrets' })).rejects.toMatchObject({
      status: 403,
    });
    expect(await kube.find(secrets, at(outsider))).toBeUndefined();
  });

  test.each<[what: string, namespaces: () => string[], says: () => string]>([
    [
      'for all namespaces',
      () => [],
      () => "install the chart's ClusterRole, or name namespaces (status 403)",
    ],
    [
      'for a namespace without its Role',
      () => [outsider.namespace],
      () => `in namespace ${outsider.namespace}: install the chart with it among its namespaces`,
    ],
  ])('does not start %s, and says why', async (_, namespaces, says) => {
    const outcome = await outcomeOfRun(world.testbed, ...args(namespaces()));

    expect(outcome).toMatchObject(oneLine(1, says()));
  });
});
