import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  onTestFailed,
  test,
} from 'vitest';
import { managedLabel } from '../../src/api/meta.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf, untilCondition, untilSecret } from '../testbed/expectations.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets, vaultSecrets, type Secret, type VaultSecret } from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import { openWorld } from '../testbed/world.ts';
import { createSynced, data, refreshed, writesIn } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterAll(() => world.close());

const encoded = (text: string): string => Buffer.from(text).toString('base64');

async function createTeam(): Promise<Team> {
  const team = await stage.createTeam();
  await azure.putSecret(team.vault, 'password', { value: 'first' });
  return team;
}

const messageOf = ({ status }: VaultSecret): string =>
  status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? '';

/** Those that were let through. A create that a fence refused changed nothing. */
const secretWrites = async (namespace: string): Promise<string[]> =>
  (await writesIn(world, namespace)).filter(
    (write) => / secrets\//.test(write) && !write.endsWith(' 409'),
  );

describe('a Secret that somebody else made', () => {
  test.each([
    { marks: 'no marks', metadata: {} },
    { marks: 'our label', metadata: { labels: { [managedLabel]: 'true' } } },
    {
      marks: 'an owner in another namespace',
      metadata: {
        labels: { [managedLabel]: 'true' },
        annotations: { 'vaultsecret.dev/owner': 'elsewhere/app' },
      },
    },
  ])('with $marks is not touched; removed, it is made ours', async ({ metadata }) => {
    const team = await createTeam();
    const { namespace } = team;
    const at = { namespace, name: 'app' };
    const theirs = await kube.create(secrets, {
      metadata: { ...at, ...metadata },
      data: { PASSWORD: encoded('theirs') },
    });

    await stage.createVaultSecret(team, 'app', { data });

    const refused = { status: 'False', reason: 'TargetOwnedByOther' } as const;
    const shown = await untilCondition(kube, at, refused);
    expect(messageOf(shown)).toContain(`kubectl delete secret app --namespace ${namespace}`);
    expect(shown.status?.conditions?.map(({ type }) => type)).toEqual(['Ready', 'Stalled']);
    expect(await kube.get(secrets, at)).toEqual(theirs);
    expect(await secretWrites(namespace)).toEqual([]);

    await kube.delete(secrets, at);
    await untilSecret(kube, at, { PASSWORD: 'first' });
    await untilCondition(kube, at, { status: 'True' });
  });

  test('is not touched by a VaultSecret that is renamed to it, whose Secret stays', async () => {
    const { team, at, secret } = await createSynced(world);
    const theirs = await kube.create(secrets, {
      metadata: { ...at, name: 'theirs' },
      data: { PASSWORD: encoded('theirs') },
    });

    await kube.mergePatch(vaultSecrets, at, { spec: { target: { name: 'theirs' } } });

    await untilCondition(kube, at, { status: 'False', reason: 'TargetOwnedByOther' });
    expect(await kube.get(secrets, { ...at, name: 'theirs' })).toEqual(theirs);
    expect(await kube.get(secrets, at)).toEqual(secret);
    expect(await secretWrites(team.namespace)).toEqual(['patch secrets/app 201']);
  });

  test('with all our marks, a copy of ours, is let go and not deleted', async () => {
    const { at, secret } = await createSynced(world);
    const { labels, annotations, ownerReferences } = secret.metadata;
    const copy = { ...at, name: 'copy' };
    await kube.create(secrets, {
      metadata: { ...copy, labels, annotations, ownerReferences },
      data: secret.data,
    });

    const { metadata, ...rest } = await untilObject(kube, secrets, copy, {
      what: 'our marks to be taken off the copy',
      holds: (found) => found !== undefined && isUnmarked(found) && found,
    });

    expect({ rest, uids: metadata.ownerReferences }).toMatchObject({
      rest: { data: secret.data },
      uids: [],
    });
    expect(await kube.get(secrets, at)).toEqual(secret);
  });
});

const isUnmarked = ({ metadata: { labels, annotations } }: Secret): boolean =>
  !JSON.stringify([labels, annotations]).includes('vaultsecret.dev/');

describe('two VaultSecrets that want one Secret', () => {
  test.each([
    { values: 'different values', object: 'other' },
    { values: 'equal values', object: 'password' },
  ])('of $values: the second is refused and told whose it is', async ({ object }) => {
    const { team, at, secret } = await createSynced(world);
    await azure.putSecret(team.vault, 'other', { value: 'other' });
    const second = { ...at, name: 'second' };

    await stage.createVaultSecret(team, 'second', {
      data: [{ dataKey: 'PASSWORD', secret: { name: object } }],
      target: { name: 'app' },
    });

    const refused = { status: 'False', reason: 'TargetOwnedByVaultSecret' } as const;
    expect(messageOf(await untilCondition(kube, second, refused))).toContain('VaultSecret app');
    expect(await kube.get(secrets, at)).toEqual(secret);
    await refreshed(world, at);
    expect(await secretWrites(team.namespace)).toEqual(['patch secrets/app 201']);

    await kube.delete(vaultSecrets, at);
    await untilCondition(kube, second, { status: 'True', reason: 'Synced' }, 45_000);
    const taken = await kube.get(secrets, at);
    expect(textsOf(taken)).toEqual({ PASSWORD: object === 'other' ? 'other' : 'first' });
    expect(taken.metadata.ownerReferences).toMatchObject([{ name: 'second' }]);
  });

  test('from the same moment on: one of them gets it', async () => {
    const team = await createTeam();
    const { namespace } = team;
    const names = Array.from({ length: 8 }, (_, index) => `app-${index}`);
    const target = { name: 'shared' };
    await Promise.all(
      names.map(async (name) => {
        await azure.putSecret(team.vault, name, { value: name });
        const own = [{ dataKey: 'PASSWORD', secret: { name } }];
        await stage.createVaultSecret(team, name, { data: own, target });
      }),
    );

    const settled = await Promise.all(
      names.map((name) =>
        untilObject(
          kube,
          vaultSecrets,
          { namespace, name },
          {
            what: 'a verdict',
            holds: (found) => found?.status?.conditions?.find(({ type }) => type === 'Ready'),
          },
        ),
      ),
    );

    const winner = names.filter((_, index) => settled[index]?.status === 'True');
    expect(winner).toHaveLength(1);
    expect(settled.filter(({ reason }) => reason === 'TargetOwnedByVaultSecret')).toHaveLength(7);
    const secret = await kube.get(secrets, { namespace, name: 'shared' });
    expect(textsOf(secret)).toEqual({ PASSWORD: winner[0] });
    expect(secret.metadata.ownerReferences).toMatchObject([{ name: winner[0] }]);
  });
});

describe('a VaultSecret that is made anew', () => {
  const target = { labels: { team: 'shop' }, annotations: { 'example.com/tier': 'gold' } };
  const both = [...data, { dataKey: 'OTHER', secret: { name: 'password' } }];

  async function deleteAlone(at: { namespace: string; name: string }): Promise<void> {
    await kube.send({
      method: 'DELETE',
      path: `/apis/vaultsecret.dev/v1alpha1/namespaces/${at.namespace}/vaultsecrets/${at.name}`,
      body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Orphan' },
    });
    await untilObject(kube, vaultSecrets, at, {
      what: 'the VaultSecret to go without its Secret',
      holds: (found) => found === undefined,
      timeoutMs: 45_000,
    });
  }

  test('takes up the Secret that its namesake left, and nothing of the former spec stays', async () => {
    const { team, at, secret } = await createSynced(world, { spec: { data: both, target } });
    await deleteAlone(at);
    expect((await kube.get(secrets, at)).metadata.ownerReferences).toEqual([]);

    const { vaultSecret } = await createSynced(world, { team });

    const { metadata, data: taken } = await kube.get(secrets, at);
    expect(metadata.uid).toBe(secret.metadata.uid);
    expect(Object.keys(taken)).toEqual(['PASSWORD']);
    expect(metadata.ownerReferences).toMatchObject([{ uid: vaultSecret.metadata.uid }]);
    expect(metadata.labels).toEqual({ [managedLabel]: 'true' });
    expect(Object.keys(metadata.annotations).toSorted()).toEqual([
      'vaultsecret.dev/owner',
      'vaultsecret.dev/sync-record',
    ]);
  });

  test('with its Secret from a backup, brings it up to date under its own uid', async () => {
    const {
      team,
      at,
      secret,
      vaultSecret: former,
    } = await createSynced(world, { spec: { target } });
    await azure.putSecret(team.vault, 'password', { value: 'second' });
    await kube.delete(vaultSecrets, at);
    await untilObject(kube, secrets, at, {
      what: 'the Secret to go',
      holds: (found) => found === undefined,
      timeoutMs: 45_000,
    });
    const { uid: _uid, resourceVersion: _version, ...metadata } = secret.metadata;

    await kube.create(secrets, { ...secret, metadata });
    const { metadata: made } = await stage.createVaultSecret(team, 'app', { data, target });

    expect(made.uid).not.toBe(former.metadata.uid);
    await untilObject(kube, secrets, at, {
      what: 'the restored Secret to be right and owned by the new VaultSecret alone',
      holds: (found) =>
        found !== undefined &&
        textsOf(found)['PASSWORD'] === 'second' &&
        found.metadata.ownerReferences.map(({ uid }) => uid).join() === made.uid,
      timeoutMs: 45_000,
    });
    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
  });
});

describe('a Secret that somebody marked immutable', () => {
  test('is explained when it has to change, and never deleted', async () => {
    const { team, at } = await createSynced(world);
    const marked = await kube.mergePatch(secrets, at, { immutable: true });
    expect((await refreshed(world, at)).status?.conditions).toMatchObject([{ status: 'True' }]);
    await azure.putSecret(team.vault, 'password', { value: 'second' });
    await kube.mergePatch(vaultSecrets, at, {
      metadata: { annotations: { 'vaultsecret.dev/refresh': 'now' } },
    });

    const shown = await untilCondition(kube, at, { status: 'False', reason: 'SecretImmutable' });

    expect(messageOf(shown)).toContain(`kubectl delete secret app --namespace ${at.namespace}`);
    expect(await kube.get(secrets, at)).toEqual(marked);
    await kube.delete(secrets, at);
    await untilSecret(kube, at, { PASSWORD: 'second' });
    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
  });
});
