import { afterAll, beforeAll, describe, expect, inject, onTestFailed, test } from 'vitest';
import {
  fieldManagerOf,
  managedLabel,
  mergeFinalizer,
  mergeOwnerAnnotation,
  mergeRecordAnnotation,
} from '../../src/api/meta.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf, untilCondition, untilSecret } from '../testbed/expectations.ts';
import type { ObjectInput, ObjectName } from '../testbed/kubeClient.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets, vaultSecrets, type VaultSecret } from '../testbed/kubeResources.ts';
import type { Team, VaultSecretInput } from '../testbed/stage.ts';
import { openWorld } from '../testbed/world.ts';
import { data, refreshed, writesIn } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
afterAll(() => world.close());

const encoded = (text: string): string => Buffer.from(text).toString('base64');
const labels = { [managedLabel]: 'true', app: 'theirs' };
const theirs = { THEIRS: encoded('theirs') };
const target = { name: 'shared', creationPolicy: 'Merge' } as const;

interface Prepared {
  readonly team: Team;
  /** The VaultSecret, and the Secret of others. */
  readonly at: { readonly namespace: string; readonly name: string };
  readonly shared: { readonly namespace: string; readonly name: string };
}

async function prepare(secret?: Partial<ObjectInput>): Promise<Prepared> {
  onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
  const team = await stage.createTeam();
  await azure.putSecret(team.vault, 'password', { value: 'first' });
  const shared = { namespace: team.namespace, name: 'shared' };
  if (secret !== undefined)
    await kube.create(secrets, {
      data: theirs,
      ...secret,
      metadata: { ...shared, labels, ...secret.metadata },
    });
  return { team, shared, at: { namespace: team.namespace, name: 'app' } };
}

async function merged(
  spec: Partial<VaultSecretInput> = {},
): Promise<Prepared & { vaultSecret: VaultSecret }> {
  const prepared = await prepare({});
  await stage.createVaultSecret(prepared.team, 'app', { data, target, ...spec });
  const vaultSecret = await untilCondition(kube, prepared.at, { status: 'True', reason: 'Synced' });
  return { ...prepared, vaultSecret };
}

const untilGone = (at: ObjectName) =>
  untilObject(kube, vaultSecrets, at, {
    what: 'the VaultSecret to go',
    holds: (found) => found === undefined,
  });

const untilFinalizers = (at: ObjectName, finalizers: readonly string[]) =>
  untilObject(kube, vaultSecrets, at, {
    what: `the finalizers to be [${finalizers.join()}]`,
    holds: (found) => found?.metadata.finalizers.join() === finalizers.join(),
  });

describe('a VaultSecret that merges', () => {
  test('adds its keys and two annotations, and takes nothing else', async () => {
    const { at, shared, vaultSecret } = await merged();
    const { uid } = vaultSecret.metadata;
    const secret = await kube.get(secrets, shared);

    expect(textsOf(secret)).toEqual({ THEIRS: 'theirs', PASSWORD: 'first' });
    expect(secret.metadata.labels).toEqual(labels);
    expect(secret.metadata.ownerReferences).toEqual([]);
    expect(Object.keys(secret.metadata.annotations).toSorted()).toEqual([
      `vaultsecret.dev/owner.${uid}`,
      `vaultsecret.dev/sync-record.${uid}`,
    ]);
    expect(vaultSecret.metadata.finalizers).toEqual([mergeFinalizer]);
    expect(await writesIn(world, at.namespace)).toEqual([
      'patch vaultsecrets/app 200',
      'patch secrets/shared 200',
      'patch vaultsecrets/app/status 200',
    ]);
  });

  test('goes with its keys and annotations alone', async () => {
    const { at, shared } = await merged();
    const before = await kube.get(secrets, shared);
    await kube.delete(vaultSecrets, at);
    await untilGone(at);
    const { metadata, data: left } = await kube.get(secrets, shared);

    expect(left).toEqual(theirs);
    expect(metadata).toMatchObject({ uid: before.metadata.uid, labels });
    expect(metadata.annotations).toEqual({});
    expect(metadata.managedFields).toHaveLength(1);
    expect((await writesIn(world, at.namespace)).slice(3)).toEqual([
      'patch secrets/shared 200',
      'patch vaultsecrets/app 200',
    ]);
  });

  test('leaves a key that somebody else applies, too, to them', async () => {
    const { at, shared } = await merged();
    await kube.apply(secrets, { metadata: shared, data: { PASSWORD: encoded('first') } }, 'argo');
    await kube.delete(vaultSecrets, at);
    await untilGone(at);
    const secret = await untilObject(kube, secrets, shared, {
      what: 'us to own nothing',
      holds: (found) => found?.metadata.managedFields.length === 2 && found,
    });

    expect(textsOf(secret)).toEqual({ THEIRS: 'theirs', PASSWORD: 'first' });
    expect(secret.metadata.annotations).toEqual({});
  });

  test('follows a rotation, repairs its key, and leaves all else to others', async () => {
    const { at, team, shared } = await merged();
    await azure.putSecret(team.vault, 'password', { value: 'second' });
    await refreshed(world, at);
    await kube.mergePatch(secrets, shared, { data: { THEIRS: null, MORE: encoded('more') } });
    await kube.mergePatch(secrets, shared, { data: { PASSWORD: encoded('foreign') } });

    const secret = await untilSecret(kube, shared, { MORE: 'more', PASSWORD: 'second' });
    expect(secret.metadata.labels).toEqual(labels);
  });

  test('takes over a key that others had set, and drops one that its spec drops', async () => {
    const { at, shared, team } = await prepare({ data: { ...theirs, PASSWORD: encoded('old') } });
    const both = [...data, { dataKey: 'OTHER', secret: { name: 'password' } }];
    await stage.createVaultSecret(team, 'app', { data: both, target });
    await untilSecret(kube, shared, { THEIRS: 'theirs', PASSWORD: 'first', OTHER: 'first' });

    await kube.mergePatch(vaultSecrets, at, { spec: { data: both.slice(1) } });
    expect(await untilSecret(kube, shared, { THEIRS: 'theirs', OTHER: 'first' })).toBeDefined();
  });

  test('says that there is no Secret, and begins when there is one', async () => {
    const { team, at, shared } = await prepare();
    await stage.createVaultSecret(team, 'app', { data, target });
    const waiting = await untilCondition(kube, at, { status: 'False', reason: 'TargetNotFound' });
    expect(waiting.metadata.finalizers).toEqual([]);

    await kube.create(secrets, { metadata: { ...shared, labels }, data: theirs });
    await untilSecret(kube, shared, { THEIRS: 'theirs', PASSWORD: 'first' }, 5_000);
  });

  test('does not write before its owner has labelled the Secret, nor after they took the label off', async () => {
    const { team, at, shared } = await prepare({ metadata: { name: 'shared', labels: {} } });
    await stage.createVaultSecret(team, 'app', { data, target });
    const refused = { status: 'False', reason: 'TargetNotLabelled' } as const;
    const waiting = await untilCondition(kube, at, refused);
    expect(waiting.status?.conditions?.[0]?.message).toContain(
      `kubectl label secret shared --namespace ${at.namespace} vaultsecret.dev/managed=true`,
    );

    await kube.mergePatch(secrets, shared, { metadata: { labels } });
    await untilSecret(kube, shared, { THEIRS: 'theirs', PASSWORD: 'first' }, 5_000);
    await untilCondition(kube, at, { status: 'True' });
    await kube.mergePatch(secrets, shared, { metadata: { labels: { [managedLabel]: null } } });
    await untilCondition(kube, at, refused);
    await kube.delete(vaultSecrets, at);
    await untilGone(at);
    expect(textsOf(await kube.get(secrets, shared))).toEqual({
      THEIRS: 'theirs',
      PASSWORD: 'first',
    });
  });

  test('touches no credential', async () => {
    const { team, at, shared } = await prepare({ type: 'helm.sh/release.v1' });
    await stage.createVaultSecret(team, 'app', { data, target });
    await untilCondition(kube, at, { status: 'False', reason: 'TargetIsCredential' });

    expect(textsOf(await kube.get(secrets, shared))).toEqual({ THEIRS: 'theirs' });
  });

  test('merges into a Secret of any other type', async () => {
    const { team, shared } = await prepare({ type: 'example.com/shared' });
    await stage.createVaultSecret(team, 'app', { data, target });
    const secret = await untilSecret(kube, shared, { THEIRS: 'theirs', PASSWORD: 'first' });

    expect(secret.type).toBe('example.com/shared');
  });
});

describe('the finalizer goes', () => {
  test('with the Secret, and comes back with it', async () => {
    const { at, shared } = await merged();
    await kube.delete(secrets, shared);
    await untilFinalizers(at, []);
    await untilCondition(kube, at, { status: 'False', reason: 'TargetNotFound' });

    await kube.create(secrets, { metadata: { ...shared, labels }, data: theirs });
    await untilFinalizers(at, [mergeFinalizer]);
    await untilSecret(kube, shared, { THEIRS: 'theirs', PASSWORD: 'first' });
    expect((await untilCondition(kube, at, { status: 'True' })).status?.secretName).toBe('shared');
  });

  test.each(['Owner', 'Orphan'] as const)(
    'when the policy becomes %s, with the keys',
    async (policy) => {
      const { at, shared } = await merged();
      await kube.mergePatch(vaultSecrets, at, { spec: { target: { creationPolicy: policy } } });
      await untilFinalizers(at, []);
      await untilCondition(kube, at, { status: 'False', reason: 'TargetOwnedByOther' });

      expect(textsOf(await kube.get(secrets, shared))).toEqual({ THEIRS: 'theirs' });
    },
  );

  test('when the policy becomes Adopt, and the keys stay without a gap', async () => {
    const { at, shared, vaultSecret } = await merged();
    await kube.mergePatch(vaultSecrets, at, { spec: { target: { creationPolicy: 'Adopt' } } });
    await untilFinalizers(at, []);
    const secret = await untilSecret(kube, shared, { PASSWORD: 'first' });

    expect(secret.metadata.ownerReferences).toMatchObject([{ uid: vaultSecret.metadata.uid }]);
    expect(Object.keys(secret.metadata.annotations).toSorted()).toEqual([
      'vaultsecret.dev/owner',
      'vaultsecret.dev/sync-record',
    ]);
  });

  test('stays while the target is another, whose old keys go', async () => {
    const { at, shared } = await merged();
    const next = { ...shared, name: 'next' };
    await kube.create(secrets, { metadata: { ...next, labels }, data: theirs });
    await kube.mergePatch(vaultSecrets, at, { spec: { target: { name: 'next' } } });
    await untilSecret(kube, next, { THEIRS: 'theirs', PASSWORD: 'first' });
    const left = await untilSecret(kube, shared, { THEIRS: 'theirs' });
    await untilFinalizers(at, [mergeFinalizer]);

    expect(left.metadata.annotations).toEqual({});
  });

  test('beside one of others, which stays', async () => {
    const { at } = await merged();
    const finalizers = [mergeFinalizer, 'example.com/theirs'];
    await kube.mergePatch(vaultSecrets, at, { metadata: { finalizers } });
    await kube.delete(vaultSecrets, at);
    await untilFinalizers(at, ['example.com/theirs']);
    const going = await kube.mergePatch(vaultSecrets, at, { metadata: { finalizers: [] } });

    expect(going.metadata.deletionTimestamp).toBeDefined();
  });

  test('with its namespace', async () => {
    const { at } = await merged();
    await stage.clear();

    expect(await untilGone(at)).toBe(true);
  });
});

test('a VaultSecret that is made anew takes up what its namesake merged', async () => {
  const { team, at, shared } = await prepare({});
  const gone = '00000000-0000-4000-8000-000000000000';
  const annotations = {
    [mergeOwnerAnnotation(gone)]: `${at.namespace}/app`,
    [mergeRecordAnnotation(gone)]: '{}',
  };
  const left = { PASSWORD: encoded('old'), OLD: encoded('old') };
  await kube.apply(
    secrets,
    { metadata: { ...shared, annotations }, data: left },
    fieldManagerOf(gone),
  );
  await stage.createVaultSecret(team, 'app', { data, target });
  const secret = await untilSecret(kube, shared, { THEIRS: 'theirs', PASSWORD: 'first' });
  const { metadata } = await untilCondition(kube, at, { status: 'True' });

  expect(secret.metadata.managedFields.map(({ manager }) => manager)).toEqual([
    fieldManagerOf(metadata.uid),
    expect.anything(),
  ]);
  expect(Object.keys(secret.metadata.annotations).toSorted()).toEqual([
    mergeOwnerAnnotation(metadata.uid),
    mergeRecordAnnotation(metadata.uid),
  ]);
});
