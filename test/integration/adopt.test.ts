import { afterAll, beforeAll, describe, expect, inject, onTestFailed, test } from 'vitest';
import {
  fieldManagerOf,
  managedLabel,
  ownerAnnotation,
  syncRecordAnnotation,
} from '../../src/api/meta.ts';
import { textsOf, untilCondition, untilSecret } from '../testbed/expectations.ts';
import type { ObjectInput } from '../testbed/kubeClient.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets, vaultSecrets, type Secret, type VaultSecret } from '../testbed/kubeResources.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import type { Team, VaultSecretInput } from '../testbed/stage.ts';
import { openWorld } from '../testbed/world.ts';
import { createSynced, data, refreshed, writesIn } from './syncedVaultSecret.ts';

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
const theirs = { PASSWORD: encoded('old'), THEIRS: encoded('theirs') };

interface Prepared {
  readonly team: Team;
  readonly at: { readonly namespace: string; readonly name: string };
}

/** A team with a Secret `app` that kubectl made, and its vault. */
async function prepare(secret: Partial<ObjectInput> & { labels?: object } = {}): Promise<Prepared> {
  onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
  const team = await stage.createTeam();
  await azure.putSecret(team.vault, 'password', { value: 'first' });
  const at = { namespace: team.namespace, name: 'app' };
  const { labels: given = labels, ...fields } = secret;
  await kube.create(secrets, { metadata: { ...at, labels: given }, data: theirs, ...fields });
  return { team, at };
}

const adopt = (team: Team, target: VaultSecretInput['target'] = {}): Promise<VaultSecret> =>
  stage.createVaultSecret(team, 'app', { data, target: { creationPolicy: 'Adopt', ...target } });

const isOurs = (manager = ''): boolean => manager.startsWith(fieldManagerOf(''));

/** Who owns data keys, by managedFields. */
function dataManagers({ metadata }: Secret): (string | undefined)[] {
  return metadata.managedFields
    .filter(({ fieldsV1 = {} }) => 'f:data' in fieldsV1 || 'f:stringData' in fieldsV1)
    .map(({ manager }) => manager);
}

describe('a Secret that somebody else made', () => {
  test('is taken over: its owners lose the data alone, and it goes with its VaultSecret', async () => {
    const { team, at } = await prepare();
    await kube.apply(secrets, { metadata: at, stringData: { HIDDEN: 'x' } }, 'argo');
    const { metadata } = await adopt(team);
    const secret = await untilSecret(kube, at, { PASSWORD: 'first' });

    expect(dataManagers(secret)).toEqual([fieldManagerOf(metadata.uid)]);
    expect(secret.metadata.labels).toEqual(labels);
    expect(secret.metadata.annotations[ownerAnnotation]).toBe(`${at.namespace}/app`);
    expect(secret.metadata.ownerReferences).toMatchObject([{ uid: metadata.uid }]);
    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    const writes = await writesIn(world, at.namespace);
    // Refused, where the watch of Secrets lags behind that of VaultSecrets.
    expect(writes.filter((write) => write !== 'patch secrets/app 409')).toEqual([
      'patch secrets/app 200',
      'patch secrets/app 200',
      'patch vaultsecrets/app/status 200',
    ]);

    await kube.delete(vaultSecrets, at);
    await untilObject(kube, secrets, at, {
      what: 'the Secret to go with its VaultSecret',
      holds: (found) => found === undefined,
    });
  });

  test('is then true as any other: what others add goes, what the spec drops too', async () => {
    const { team, at } = await prepare();
    await adopt(team);
    await untilSecret(kube, at, { PASSWORD: 'first' });
    await kube.mergePatch(secrets, at, { data: theirs });
    await untilSecret(kube, at, { PASSWORD: 'first' });

    const renamed = [{ dataKey: 'RENAMED', secret: { name: 'password' } }];
    await kube.mergePatch(vaultSecrets, at, { spec: { data: renamed } });
    const secret = await untilSecret(kube, at, { RENAMED: 'first' });

    expect(dataManagers(secret)).toHaveLength(1);
  });

  test('waits for its owner to label it, and is then taken over at once', async () => {
    const { team, at } = await prepare({ labels: {} });
    await adopt(team);
    const { status } = await untilCondition(kube, at, {
      status: 'False',
      reason: 'TargetNotLabelled',
    });

    expect(status?.conditions?.[0]?.message).toContain(
      `kubectl label secret app --namespace ${at.namespace} vaultsecret.dev/managed=true`,
    );
    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'old', THEIRS: 'theirs' });

    await kube.mergePatch(secrets, at, { metadata: { labels: { [managedLabel]: 'true' } } });
    await untilSecret(kube, at, { PASSWORD: 'first' }, 5_000);
  });

  test.each(['Owner', 'Orphan'] as const)('is not touched by the policy %s', async (policy) => {
    const { team, at } = await prepare();
    await stage.createVaultSecret(team, 'app', { data, target: { creationPolicy: policy } });
    await untilCondition(kube, at, { status: 'False', reason: 'TargetOwnedByOther' });

    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'old', THEIRS: 'theirs' });
    expect(await writesIn(world, at.namespace)).not.toContain('patch secrets/app 200');
  });

  test.each([
    ['helm.sh/release.v1', {}],
    ['bootstrap.kubernetes.io/token', {}],
    [
      'kubernetes.io/service-account-token',
      { annotations: { 'kubernetes.io/service-account.name': 'app' } },
    ],
    ['example.com/other', {}],
  ])('of another type, such as %s, is not touched', async (type, fields) => {
    const team = await stage.createTeam();
    const at = { namespace: team.namespace, name: 'app' };
    await kube.create(secrets, { metadata: { ...at, labels, ...fields }, type, data: theirs });
    await adopt(team);
    await untilCondition(kube, at, { status: 'False', reason: 'TargetTypeDiffers' });

    const { metadata } = await kube.get(secrets, at);
    expect(metadata.managedFields.filter(({ manager }) => isOurs(manager))).toEqual([]);
    expect(await writesIn(world, at.namespace)).not.toContain('patch secrets/app 200');
  });

  test('of its own type is taken over with it', async () => {
    const { team, at } = await prepare({ type: 'example.com/a,b=c\\d' });
    await adopt(team, { type: 'example.com/a,b=c\\d' });

    expect(await untilSecret(kube, at, { PASSWORD: 'first' })).toMatchObject({
      type: 'example.com/a,b=c\\d',
    });
  });
});

describe('a Secret of a VaultSecret', () => {
  const team = { labels: { team: 'a' }, annotations: { note: 'b' } };
  const orphan = { creationPolicy: 'Orphan', ...team } as const;

  test('that lives is not taken over', async () => {
    const first = await createSynced(world, { spec: { target: { name: 'shared' } } });
    const target = { name: 'shared', creationPolicy: 'Adopt' } as const;
    await stage.createVaultSecret(first.team, 'thief', { data, target });
    const at = { ...first.at, name: 'thief' };
    await untilCondition(kube, at, { status: 'False', reason: 'TargetOwnedByVaultSecret' });

    expect(await kube.get(secrets, { ...at, name: 'shared' })).toMatchObject({
      metadata: { resourceVersion: first.secret.metadata.resourceVersion },
    });
  });

  test('that is gone is taken over under another name, with all that it had put there', async () => {
    const { at, team: owners } = await createSynced(world, {
      spec: { target: { ...orphan, name: 'shared' } },
    });
    await kube.delete(vaultSecrets, at);
    const target = { name: 'shared', creationPolicy: 'Adopt' } as const;
    await stage.createVaultSecret(owners, 'heir', { data, target });
    await untilCondition(kube, { ...at, name: 'heir' }, { status: 'True' });
    const { metadata } = await kube.get(secrets, { ...at, name: 'shared' });

    expect(metadata.labels).toEqual({ [managedLabel]: 'true' });
    expect(Object.keys(metadata.annotations).toSorted()).toEqual([
      ownerAnnotation,
      syncRecordAnnotation,
    ]);
    expect(metadata.managedFields).toHaveLength(1);
  });

  test('that is made anew loses later what its spec drops later', async () => {
    const {
      at,
      team: owners,
      vaultSecret,
    } = await createSynced(world, { spec: { target: orphan } });
    await kube.delete(vaultSecrets, at);
    await stage.createVaultSecret(owners, 'app', { data, target: orphan });
    const { metadata } = await untilCondition(kube, at, { status: 'True' });
    expect(metadata.uid).not.toBe(vaultSecret.metadata.uid);

    const bare = { labels: null, annotations: null };
    await kube.mergePatch(vaultSecrets, at, { spec: { target: bare } });
    await refreshed(world, at);
    const secret = await kube.get(secrets, at);

    expect(secret.metadata.labels).toEqual({ [managedLabel]: 'true' });
    expect(secret.metadata.annotations).not.toHaveProperty('note');
    expect(secret.metadata.managedFields.map(({ manager }) => manager)).toEqual([
      fieldManagerOf(metadata.uid),
    ]);
  });
});
