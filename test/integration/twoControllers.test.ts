import { afterEach, afterAll, expect, inject, test } from 'vitest';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilCondition } from '../testbed/expectations.ts';
import { untilObjects } from '../testbed/kubeConditions.ts';
import { events } from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import { openWorld } from '../testbed/world.ts';
import { data } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
const controllers: ControllerProcess[] = [];
afterEach(async () => {
  for (const controller of controllers.splice(0)) await controller.end('SIGTERM');
});
afterAll(() => world.close());

/** One of a release of that name. */
async function startController(leaseName: string, ...namespaces: readonly string[]) {
  const args = [
    `--lease-name=${leaseName}`,
    ...namespaces.map((name) => `--watch-namespace=${name}`),
  ];
  const controller = await world.startController({ leaderElect: true, args });
  controllers.push(controller);
  await controller.untilReady();
  return controller;
}

async function createTeam(): Promise<Team> {
  const team = await stage.createTeam();
  await azure.putSecret(team.vault, 'password', { value: 'first' });
  return team;
}

async function untilSynced(team: Team): Promise<string | undefined> {
  await stage.createVaultSecret(team, 'app', { data });
  const at = { namespace: team.namespace, name: 'app' };
  const { status } = await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
  return status?.controller;
}

const tellsOfOther = (line: string): boolean =>
  line.includes('another controller serves the same VaultSecrets');

test('two controllers of one namespace find each other by what they write, and say so', async () => {
  const team = await createTeam();
  const both = [await startController('first'), await startController('second', team.namespace)];

  await untilSynced(team);

  const { told, metrics } = await Promise.any(
    both.map(async (one) => ({
      told: await one.untilLogged(tellsOfOther),
      metrics: await one.metrics(),
    })),
  );
  expect(told).toMatch(/"controller":"vaultsecret-system[/](first|second)"/);
  expect(metrics).toMatch(/^vaultsecret_foreign_status_timestamp_seconds [1-9]/m);
  const note = await untilObjects(
    kube,
    events,
    { namespace: team.namespace },
    {
      what: 'an event about both',
      holds: (found) => [...found.values()].find(({ reason }) => reason === 'TwoControllers')?.note,
    },
  );
  expect(note).toMatch(
    /^Two controllers .*vaultsecret-system[/]first.* Uninstall one of the releases/,
  );
  expect(note).toContain('vaultsecret-system/second');
});

test('two controllers lead side by side in namespaces of their own', async () => {
  const [one, other] = [await createTeam(), await createTeam()];
  const first = await startController('first', one.namespace);
  const second = await startController('second', other.namespace);

  expect(await untilSynced(one)).toBe('vaultsecret-system/first');
  expect(await untilSynced(other)).toBe('vaultsecret-system/second');

  expect([...first.lines, ...second.lines].filter(tellsOfOther)).toEqual([]);
  for (const controller of [first, second])
    expect(await controller.metrics()).toMatch(/^vaultsecret_foreign_status_timestamp_seconds 0$/m);
});
