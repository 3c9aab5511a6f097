import { afterAll, beforeAll, expect, inject, onTestFailed, test } from 'vitest';
import { z } from 'zod';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilCondition } from '../testbed/expectations.ts';
import { events } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { createSynced, data, refreshed } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
afterAll(() => world.close());

const names = Array.from({ length: 20 }, (_, index) => `app-${index}`);

test('a VaultSecret that is made in one go with its ServiceAccount is never said to lack it', async () => {
  onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
  const team = await stage.createTeam();
  const { namespace, vault } = team;
  await azure.putSecret(vault, 'password', { value: 'first' });

  for (const name of names) {
    const clientId = await stage.createServiceAccount({ namespace, name });
    await Promise.all([
      stage.createVaultSecret({ ...team, serviceAccountName: name }, name, { data }),
      azure.assignRoles({ vault, clientId, role: 'Key Vault Secrets User' }),
    ]);
  }

  for (const name of names) await untilCondition(kube, { namespace, name }, { status: 'True' });
  const { items } = await kube.list(events, { namespace });
  expect(items.map(({ reason }) => reason)).not.toContain('ServiceAccountNotFound');
  expect(controller.lines.filter((line) => line.includes('ServiceAccountNotFound'))).toEqual([]);
});

/** When tries of a VaultSecret failed, in milliseconds since the Unix epoch. */
function failuresOf(vaultSecret: string): readonly number[] {
  return controller.lines
    .filter((line) => line.includes(`"${vaultSecret}"`) && line.includes('reconcile failed'))
    .map((line) => Date.parse(z.object({ time: z.string() }).parse(JSON.parse(line)).time));
}

test('a failure that is told is not tried again because its status was written', async () => {
  // Synced before, so that no late news of its ServiceAccount asks for a second try.
  const { team } = await createSynced(world);
  const { namespace } = team;
  const absent = [{ dataKey: 'PASSWORD', secret: { name: 'absent' } }];

  await Promise.all(
    names.map(async (name) => stage.createVaultSecret(team, name, { data: absent })),
  );
  for (const name of names) await untilCondition(kube, { namespace, name }, { status: 'False' });
  await refreshed(world, (await createSynced(world)).at);

  for (const name of names) {
    const [first = 0, second = Infinity] = failuresOf(`${namespace}/${name}`);
    // The shortest pause of the first retry.
    expect(second - first, name).toBeGreaterThanOrEqual(500);
  }
});
