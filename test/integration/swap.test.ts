import { afterAll, beforeAll, expect, inject, onTestFailed, test } from 'vitest';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilCondition, untilSecret } from '../testbed/expectations.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets, vaultSecrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { writesIn } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
afterAll(() => world.close());

const nextOf = (names: readonly string[], name: string): string =>
  names[(names.indexOf(name) + 1) % names.length] ?? '';

/** VaultSecrets of these names, each with a Secret of its name, whose one key and value are its name as well. */
async function synced(names: readonly string[], creationPolicy: 'Owner' | 'Orphan' | 'Adopt') {
  onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
  const team = await stage.createTeam();
  const { namespace } = team;
  for (const name of names) {
    await azure.putSecret(team.vault, name, { value: name });
    const data = [{ dataKey: name, secret: { name } }];
    await stage.createVaultSecret(team, name, { data, target: { name, creationPolicy } });
    await untilCondition(kube, { namespace, name }, { status: 'True', reason: 'Synced' });
  }
  return namespace;
}

const rename = (namespace: string, name: string, target: string) =>
  kube.mergePatch(vaultSecrets, { namespace, name }, { spec: { target: { name: target } } });

async function untilSwapped(namespace: string, names: readonly string[], policy = 'Owner') {
  for (const name of names) {
    const target = nextOf(names, name);
    const { metadata } = await untilSecret(kube, { namespace, name: target }, { [name]: name });
    const owners = policy === 'Orphan' ? [] : [{ name }];
    expect(metadata).toMatchObject({
      annotations: { 'vaultsecret.dev/owner': `${namespace}/${name}` },
      ownerReferences: owners,
    });
    await untilCondition(kube, { namespace, name }, { status: 'True', reason: 'Synced' });
  }
}

test.each(['Owner', 'Orphan', 'Adopt'] as const)(
  'two VaultSecrets that swap the names of their Secrets do so in place (policy %s)',
  async (policy) => {
    const names = ['a', 'b'];
    const namespace = await synced(names, policy);
    const uidOf = async (name: string) =>
      (await kube.get(secrets, { namespace, name })).metadata.uid;
    const before = await Promise.all(names.map(uidOf));

    await Promise.all(names.map((name) => rename(namespace, name, nextOf(names, name))));

    await untilSwapped(namespace, names, policy);
    // Each is the Secret that it was: none was deleted and made again.
    expect(await Promise.all(names.map(uidOf))).toEqual(before);
    const writes = await writesIn(world, namespace);
    expect(writes.filter((write) => write.startsWith('delete secrets/'))).toEqual([]);
  },
);

test('three that pass their names on end right, in whichever order their edits come', async () => {
  const names = ['a', 'b', 'c'];
  const namespace = await synced(names, 'Owner');
  await Promise.all(names.map((name) => rename(namespace, name, nextOf(names, name))));

  await untilSwapped(namespace, names);
  const { items } = await kube.list(secrets, { namespace });
  expect(items.map(({ metadata }) => metadata.name)).toEqual(names);
});

test('they wait while one of them is suspended, say what ends it, and then go on', async () => {
  const namespace = await synced(['a', 'b'], 'Owner');
  const at = { namespace, name: 'a' };
  await kube.mergePatch(vaultSecrets, { namespace, name: 'b' }, { spec: { suspend: true } });
  await untilCondition(kube, { namespace, name: 'b' }, { status: 'True', reason: 'Suspended' });
  await rename(namespace, 'b', 'a');
  await rename(namespace, 'a', 'b');
  const held = await untilObject(kube, vaultSecrets, at, {
    what: 'what ends the wait',
    holds: (found) =>
      found?.status?.conditions?.find(({ message }) =>
        /a third name in spec[.]target/.test(message),
      ),
  });
  expect(held).toMatchObject({ status: 'False', reason: 'TargetOwnedByVaultSecret' });

  await kube.mergePatch(vaultSecrets, { namespace, name: 'b' }, { spec: { suspend: null } });
  await untilSecret(kube, { namespace, name: 'b' }, { a: 'a' });
  await untilSecret(kube, { namespace, name: 'a' }, { b: 'b' });
});
