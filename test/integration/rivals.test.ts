import { afterAll, beforeAll, describe, expect, inject, onTestFailed, test } from 'vitest';
import { managedLabel } from '../../src/api/meta.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf, untilCondition, untilSecret } from '../testbed/expectations.ts';
import type { ObjectName } from '../testbed/kubeClient.ts';
import { untilObject, untilObjects } from '../testbed/kubeConditions.ts';
import { events, secrets, vaultSecrets } from '../testbed/kubeResources.ts';
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

const encoded = (text: string): string => Buffer.from(text).toString('base64');
const held = { status: 'False', reason: 'TargetOwnedByVaultSecret' } as const;
const shown = { type: 'Conflict', status: 'True', reason: 'SharedTarget' } as const;

const untilNoConflict = (at: ObjectName) =>
  untilObject(kube, vaultSecrets, at, {
    what: 'the condition Conflict to go',
    holds: (found) => found?.status?.conditions?.every(({ type }) => type !== 'Conflict'),
  });

/** VaultSecrets `app` and `second`; the second wants the Secret of the first as well. */
async function contested(object: string) {
  onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
  const first = await createSynced(world);
  await azure.putSecret(first.team.vault, 'other', { value: 'other' });
  const target = { name: 'app' };
  const entries = [{ dataKey: 'PASSWORD', secret: { name: object } }];
  await stage.createVaultSecret(first.team, 'second', { data: entries, target });
  return { ...first, second: { ...first.at, name: 'second' } };
}

describe.each([
  ['other values', 'other'],
  ['equal values', 'password'],
])('two VaultSecrets that want one Secret with %s', (_, object) => {
  test('both say so, each naming the other; the first follows its source', async () => {
    const { at, second, team } = await contested(object);
    const loser = await untilCondition(kube, second, held);
    const winner = await untilCondition(kube, at, shown);

    expect(winner.status?.conditions).toMatchObject([
      { type: 'Ready', status: 'True' },
      { message: expect.stringContaining('target of VaultSecret second.') },
    ]);
    expect(loser.status?.conditions?.[0]?.message).toContain('belongs to VaultSecret app.');
    await untilObjects(
      kube,
      events,
      { namespace: at.namespace },
      {
        what: 'the event SharedTarget',
        holds: (all) => [...all.values()].find(({ reason }) => reason === 'SharedTarget'),
      },
    );

    await azure.putSecret(team.vault, 'password', { value: 'second' });
    await refreshed(world, at);
    await untilSecret(kube, at, { PASSWORD: 'second' });
  });

  test('the first keeps it when the Secret is deleted', async () => {
    const { at, second } = await contested(object);
    await untilCondition(kube, second, held);
    await kube.delete(secrets, at);
    const secret = await untilSecret(kube, at, { PASSWORD: 'first' });

    expect(secret.metadata.ownerReferences).toMatchObject([{ name: 'app' }]);
  });

  test('the second has it once the first wants another', async () => {
    const { at, second } = await contested(object);
    await untilCondition(kube, second, held);
    await kube.mergePatch(vaultSecrets, at, { spec: { target: { name: 'elsewhere' } } });
    await untilCondition(kube, second, { status: 'True' });
    await untilNoConflict(at);
    const { metadata } = await kube.get(secrets, at);

    expect(metadata.ownerReferences).toMatchObject([{ name: 'second' }]);
  });
});

describe('two that merge into one Secret', () => {
  const target = { name: 'shared', creationPolicy: 'Merge' } as const;
  const entry = (dataKey: string) => ({ dataKey, secret: { name: 'password' } });

  /** Both merge, the second the keys that are given. */
  async function merging(...keys: readonly string[]) {
    onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
    const team = await stage.createTeam();
    await azure.putSecret(team.vault, 'password', { value: 'first' });
    const shared = { namespace: team.namespace, name: 'shared' };
    const metadata = { ...shared, labels: { [managedLabel]: 'true' } };
    await kube.create(secrets, { metadata, data: { THEIRS: encoded('theirs') } });
    const at = { ...shared, name: 'app' };
    await stage.createVaultSecret(team, 'app', { data, target });
    await untilCondition(kube, at, { status: 'True' });
    await stage.createVaultSecret(team, 'second', { data: keys.map(entry), target });
    return { at, shared, second: { ...shared, name: 'second' } };
  }

  test('share it while their keys differ; each goes with its own', async () => {
    const { at, shared, second } = await merging('OTHER');
    await untilCondition(kube, second, { status: 'True' });
    await untilSecret(kube, shared, { THEIRS: 'theirs', PASSWORD: 'first', OTHER: 'first' });
    await untilNoConflict(at);

    await kube.delete(vaultSecrets, at);
    const left = await untilSecret(kube, shared, { THEIRS: 'theirs', OTHER: 'first' });
    expect(Object.keys(left.metadata.annotations)).toHaveLength(2);
  });

  test('of one key and equal values: the second writes nothing, and both say so', async () => {
    const { at, shared, second } = await merging('PASSWORD', 'OTHER');
    const refused = { status: 'False', reason: 'DataKeyConflict' } as const;
    const loser = await untilCondition(kube, second, refused);
    expect(loser.status?.conditions?.[0]?.message).toContain(
      'VaultSecret app already fills PASSWORD of Secret shared.',
    );
    const winner = await untilCondition(kube, at, shown);
    expect(winner.status?.conditions?.at(-1)?.message).toContain('VaultSecret second (PASSWORD).');
    expect(textsOf(await kube.get(secrets, shared))).toEqual({
      THEIRS: 'theirs',
      PASSWORD: 'first',
    });

    await kube.delete(vaultSecrets, at);
    await untilCondition(kube, second, { status: 'True' });
    await untilSecret(kube, shared, { THEIRS: 'theirs', PASSWORD: 'first', OTHER: 'first' });
  });

  test('the second begins once its keys are its own', async () => {
    const { shared, second } = await merging('PASSWORD');
    await untilCondition(kube, second, { status: 'False', reason: 'DataKeyConflict' });
    await kube.mergePatch(vaultSecrets, second, { spec: { data: [entry('OTHER')] } });

    expect(
      await untilSecret(kube, shared, { THEIRS: 'theirs', PASSWORD: 'first', OTHER: 'first' }),
    ).toBeDefined();
  });
});
