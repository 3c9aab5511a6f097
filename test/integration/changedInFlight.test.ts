import { afterAll, beforeAll, expect, inject, onTestFailed, onTestFinished, test } from 'vitest';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilCondition } from '../testbed/expectations.ts';
import { secrets, vaultSecrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { askForRefresh, createSynced, data, valueReads, writesIn } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
afterAll(() => world.close());

/** A vault that answers late, and a VaultSecret with this target whose value is being read from it. */
async function beingRead(target: object) {
  onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
  const team = await stage.createTeam();
  const { namespace, vault } = team;
  await azure.putSecret(vault, 'password', { value: 'first' });
  onTestFinished(() => azure.setVaultFaults(vault, {}));
  await azure.setVaultFaults(vault, { latencyMs: 1_500 });
  await stage.createVaultSecret(team, 'app', { data, target });
  await expect.poll(() => valueReads(world, vault), { timeout: 30_000 }).toBeGreaterThan(0);
  return { team, at: { namespace, name: 'app' } };
}

const secretWrites = async (namespace: string): Promise<string[]> =>
  (await writesIn(world, namespace)).filter((write) => write.includes(' secrets/app '));

test.each(['Orphan', 'Owner'])(
  'no Secret is made for a VaultSecret that is deleted while it is read (policy %s)',
  async (creationPolicy) => {
    const { team, at } = await beingRead({ creationPolicy });
    await kube.delete(vaultSecrets, at);
    // It is read later, so the first read has ended by then.
    await stage.createVaultSecret(team, 'later', { data });
    await untilCondition(kube, { ...at, name: 'later' }, { status: 'True' }, 30_000);

    expect(await kube.find(secrets, at)).toBeUndefined();
    expect(await secretWrites(at.namespace)).toEqual([]);
  },
);

test('no Secret is made for a VaultSecret that is suspended while it is read', async () => {
  const { at } = await beingRead({});
  await kube.mergePatch(vaultSecrets, at, { spec: { suspend: true } });
  await untilCondition(kube, at, { status: 'False', reason: 'Suspended' }, 30_000);

  expect(await kube.find(secrets, at)).toBeUndefined();
  expect(await secretWrites(at.namespace)).toEqual([]);
});

test('a Secret is not changed for a VaultSecret that is suspended while it is read', async () => {
  const { team, at, secret } = await createSynced(world);
  const { vault } = team;
  onTestFinished(() => azure.setVaultFaults(vault, {}));
  await azure.putSecret(vault, 'password', { value: 'second' });
  const before = await valueReads(world, vault);
  await azure.setVaultFaults(vault, { latencyMs: 1_500 });
  await askForRefresh(kube, at);
  await expect.poll(() => valueReads(world, vault), { timeout: 30_000 }).toBeGreaterThan(before);
  await kube.mergePatch(vaultSecrets, at, { spec: { suspend: true } });
  await untilCondition(kube, at, { status: 'True', reason: 'Suspended' }, 30_000);

  expect(await kube.get(secrets, at)).toEqual(secret);
});
