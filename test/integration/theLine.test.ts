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
import { managedLabel, ownerAnnotation } from '../../src/api/meta.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf, untilCondition, untilSecret } from '../testbed/expectations.ts';
import { untilObject, untilObjects } from '../testbed/kubeConditions.ts';
import { secrets, vaultSecrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import {
  askForRefresh,
  createSynced,
  data,
  refreshed,
  valueReads,
  writesIn,
} from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController({ args: ['--log-level=debug'] });
  await controller.untilReady();
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterAll(() => world.close());

const firstSync = ['patch secrets/app 201', 'patch vaultsecrets/app/status 200'];
const statusWrite = 'patch vaultsecrets/app/status 200';

const goes = {
  what: 'it to go',
  holds: (object: unknown) => object === undefined,
  // In a cluster that others started, the collector learns of a new CRD only every 30 s.
  timeoutMs: 45_000,
};

describe('a VaultSecret', () => {
  test('becomes a Secret: newest and pinned versions, base64 and hex decoded', async () => {
    const team = await stage.createTeam();
    const { namespace, vault, vaultUrl } = team;
    const at = { namespace, name: 'app' };
    const bytes = Buffer.from([0, 255, 10, 128]);
    const [older = '', newest = '', , keystore = ''] = await azure.putSecrets(
      vault,
      { name: 'password', value: 'older' },
      { name: 'password', value: 'grüße\n' },
      { name: 'hex', value: bytes.toString('hex').toUpperCase() },
      { name: 'keystore', value: bytes.toString('base64'), expires: 4_102_444_800 },
    );

    const { metadata } = await stage.createVaultSecret(team, 'app', {
      data: [
        { dataKey: 'PASSWORD', secret: { name: 'password' } },
        { dataKey: 'older', secret: { name: 'password', version: older } },
        { dataKey: 'hex.bin', secret: { name: 'hex' }, decode: 'hex' },
        { dataKey: 'keystore.bin', secret: { name: 'keystore' }, decode: 'base64' },
      ],
      target: { labels: { team: 'shop' }, annotations: { 'example.com/tier': 'gold' } },
    });

    const { status } = await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    const secret = await kube.get(secrets, at);
    expect(secret).toMatchObject({
      type: 'Opaque',
      metadata: {
        labels: { [managedLabel]: 'true', team: 'shop' },
        annotations: { [ownerAnnotation]: `${namespace}/app`, 'example.com/tier': 'gold' },
        ownerReferences: [{ kind: 'VaultSecret', name: 'app', uid: metadata.uid }],
      },
    });
    expect(secret.data).toEqual({
      PASSWORD: Buffer.from('grüße\n').toString('base64'),
      older: Buffer.from('older').toString('base64'),
      'hex.bin': bytes.toString('base64'),
      'keystore.bin': bytes.toString('base64'),
    });
    expect(status).toMatchObject({ observedGeneration: 1, secretName: 'app' });
    expect(status?.conditions?.map(({ type }) => type)).toEqual(['Ready']);
    expect(status?.conditions?.[0]?.message).toContain(vaultUrl);
    expect(status?.sources).toEqual(
      expect.arrayContaining([
        { dataKey: 'PASSWORD', name: 'password', version: newest },
        { dataKey: 'older', name: 'password', version: older },
        {
          dataKey: 'keystore.bin',
          name: 'keystore',
          version: keystore,
          expiresOn: '2100-01-01T00:00:00Z',
        },
      ]),
    );
    expect(await writesIn(world, namespace)).toEqual(firstSync);
  });

  test('follows a rotation when a refresh is asked for; what is pinned stays', async () => {
    const team = await stage.createTeam();
    const [version = ''] = await azure.putSecrets(team.vault, { name: 'password', value: 'first' });
    const pinned = { dataKey: 'PINNED', secret: { name: 'password', version } };
    const { at, vaultSecret } = await createSynced(world, {
      team,
      spec: { data: [...data, pinned] },
    });
    const rotated = await azure.putSecret(team.vault, 'password', { value: 'second' });

    const { status } = await refreshed(world, at);

    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'second', PINNED: 'first' });
    expect(status?.sources).toEqual([
      { dataKey: 'PASSWORD', name: 'password', version: rotated },
      { dataKey: 'PINNED', name: 'password', version },
    ]);
    const { lastTransitionTime } = vaultSecret.status?.conditions?.[0] ?? {};
    expect(status?.conditions).toMatchObject([
      { type: 'Ready', status: 'True', lastTransitionTime },
    ]);
    expect(await writesIn(world, team.namespace)).toEqual([
      ...firstSync,
      'patch secrets/app 200',
      statusWrite,
    ]);
  });

  test('asked for a refresh with nothing changed, only says that it was done', async () => {
    const { team, at, secret } = await createSynced(world);

    await refreshed(world, at);
    await refreshed(world, at);

    expect((await kube.get(secrets, at)).metadata).toEqual(secret.metadata);
    expect(await valueReads(world, team.vault)).toBe(3);
    expect(await writesIn(world, team.namespace)).toEqual([...firstSync, statusWrite, statusWrite]);
  });

  test('is refreshed at its interval, each at a time of its own, and unchanged costs no write', async () => {
    const { team } = await createSynced(world, { name: 'hourly' });
    const names = Array.from({ length: 24 }, (_, index) => `app-${index}`);
    const spec = { refreshInterval: '1m' };
    await Promise.all(names.map((name) => createSynced(world, { team, name, spec })));

    const line = await controller.untilLogged(
      (text) => text.includes('"refreshDue"') && text.includes(`"${team.namespace}/`),
      60_000,
    );
    const name = names.find((candidate) => line.includes(`/${candidate}"`)) ?? '';
    await refreshed(world, { namespace: team.namespace, name });
    const writes = await writesIn(world, team.namespace);
    expect(writes.filter((write) => write.split(/[ /]/).includes(name))).toEqual([
      `patch secrets/${name} 201`,
      `patch vaultsecrets/${name}/status 200`,
      `patch vaultsecrets/${name}/status 200`,
    ]);

    await azure.putSecret(team.vault, 'password', { value: 'second' });
    const { namespace } = team;
    const rotated = await untilObjects(
      kube,
      secrets,
      { namespace },
      {
        what: 'the first Secret to follow the rotation',
        holds: (found) => [...found.values()].find((one) => textsOf(one)['PASSWORD'] === 'second'),
        timeoutMs: 60_000,
      },
    );
    expect(names).toContain(rotated.metadata.name);
    const { items } = await kube.list(secrets, { namespace });
    const stillOld = items.filter((secret) => textsOf(secret)['PASSWORD'] === 'first');
    expect(stillOld.length).toBeGreaterThan(names.length / 2);
  }, 150_000);

  test('does nothing while it is suspended, and catches up afterwards', async () => {
    const { team, at, secret } = await createSynced(world);
    await kube.mergePatch(vaultSecrets, at, { spec: { suspend: true } });
    await untilCondition(kube, at, { status: 'True', reason: 'Suspended' });
    await azure.putSecret(team.vault, 'password', { value: 'second' });
    await askForRefresh(kube, at);
    const foreign = { data: { PASSWORD: Buffer.from('foreign').toString('base64') } };
    const edited = await kube.mergePatch(secrets, at, foreign);
    // Another edit of the spec, so that its condition shows when all of that was looked at.
    const spec = { data: [{ dataKey: 'RENAMED', secret: { name: 'password' } }] };
    await kube.mergePatch(vaultSecrets, at, { spec });
    await untilCondition(kube, at, { status: 'True', reason: 'Suspended' });
    expect((await kube.get(secrets, at)).metadata).toEqual(edited.metadata);
    expect(await valueReads(world, team.vault)).toBe(1);

    await kube.mergePatch(vaultSecrets, at, { spec: { suspend: null } });

    const { metadata } = await untilSecret(kube, at, { RENAMED: 'second' });
    expect(metadata.uid).toBe(secret.metadata.uid);
  });

  test('takes its Secret along when it is deleted', async () => {
    const { at } = await createSynced(world);

    await kube.delete(vaultSecrets, at);

    expect(await untilObject(kube, secrets, at, goes)).toBe(true);
  });

  test('with policy Orphan leaves it behind, for a new one of its name to take up', async () => {
    const target = { creationPolicy: 'Orphan' } as const;
    const both = [...data, { dataKey: 'OTHER', secret: { name: 'password' } }];
    const { team, at, secret } = await createSynced(world, { spec: { data: both, target } });
    const neighbour = await createSynced(world, { team, name: 'neighbour' });
    expect(secret.metadata.ownerReferences).toEqual([]);
    await kube.delete(vaultSecrets, at);
    await kube.delete(vaultSecrets, neighbour.at);
    await untilObject(kube, secrets, neighbour.at, goes);
    expect((await kube.get(secrets, at)).metadata).toEqual(secret.metadata);
    await azure.putSecret(team.vault, 'password', { value: 'second' });

    await createSynced(world, { team });

    const { metadata } = await untilSecret(kube, at, { PASSWORD: 'second' });
    expect(metadata.uid).toBe(secret.metadata.uid);
    expect(metadata.ownerReferences).toMatchObject([{ name: 'app' }]);
  });

  test.each([
    { creationPolicy: 'Owner', isLeft: false },
    { creationPolicy: 'Orphan', isLeft: true },
  ] as const)('of policy $creationPolicy moves when its target is renamed', async (policy) => {
    const { creationPolicy, isLeft } = policy;
    const { at, secret } = await createSynced(world, { spec: { target: { creationPolicy } } });
    const renamed = { ...at, name: 'renamed' };

    await kube.mergePatch(vaultSecrets, at, { spec: { target: { name: 'renamed' } } });

    const { status } = await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    expect(status?.secretName).toBe('renamed');
    expect(textsOf(await kube.get(secrets, renamed))).toEqual({ PASSWORD: 'first' });
    const former = await kube.find(secrets, at);
    expect(former && { uid: former.metadata.uid, data: former.data }).toEqual(
      isLeft ? { uid: secret.metadata.uid, data: secret.data } : undefined,
    );
    const { labels, annotations, managedFields } = former?.metadata ?? {};
    expect(JSON.stringify([labels, annotations, managedFields])).not.toContain('vaultsecret.dev/');
  });

  test('makes its Secret anew when the type changes', async () => {
    const { at, secret } = await createSynced(world);
    const type = 'kubernetes.io/basic-auth';
    const spec = {
      target: { type },
      data: [{ dataKey: 'password', secret: { name: 'password' } }],
    };

    await kube.mergePatch(vaultSecrets, at, { spec });

    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    const made = await kube.get(secrets, at);
    expect(made).toMatchObject({ type, data: { password: secret.data['PASSWORD'] } });
    expect(Object.keys(made.data)).toEqual(['password']);
    expect(made.metadata.uid).not.toBe(secret.metadata.uid);
  });
});

test('a restart reads and writes nothing for what is in sync', async () => {
  const { team } = await createSynced(world, { name: 'a' });
  const { namespace, vault } = team;
  const spec = { target: { creationPolicy: 'Orphan' } } as const;
  await Promise.all(['b', 'c'].map((name) => createSynced(world, { team, name, spec })));
  // Listed last: when its Secret is back, the others have been looked at.
  const last = { namespace, name: 'z' };
  await createSynced(world, { team, name: 'z' });
  expect(await controller.end('SIGTERM')).toBe(0);
  await kube.delete(secrets, last);
  await azure.resetRequestCounts();
  const before = await writesIn(world, namespace);

  controller = await world.startController();
  await controller.untilReady();
  await untilSecret(kube, last, { PASSWORD: 'first' });
  for (const name of ['a', 'b', 'c', 'z']) await refreshed(world, { namespace, name });

  // The Secret that came back was made in another second, or not: its own status may say so.
  const writes = (await writesIn(world, namespace)).slice(before.length);
  expect(writes.filter((write) => !write.includes('/z/status'))).toEqual([
    'patch secrets/z 201',
    ...['a', 'b', 'c'].map((name) => `patch vaultsecrets/${name}/status 200`),
  ]);
  expect(await valueReads(world, vault)).toBe(5);
});
