import { describe, expect, test } from 'vitest';
import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import { KubeApiError, type KubeApiErrorFields } from '../../../src/ports/kube.ts';
import { StaleFenceError } from '../../../src/reconcilers/writeErrors.ts';
import { aKeyVaultSecret, aVaultSecret } from '../core/builders.ts';
import { createWorld, rotate, type World } from './world.ts';

const hour = 3_600_000;
const label = { 'label/vaultsecret.dev/managed': 'true' };
const theirs = { 'data/THEIRS': 'eA==', 'label/app': 'a', 'annotation/note': 'b' };
const target = { name: 'shop', creationPolicy: 'Merge' as const };
const add = 'finalizers vaultsecret.dev/merged-keys';
const remove = 'finalizers ';

/** Somebody made Secret shop, and lets us write it. */
function aWorldToMerge(spec: Partial<VaultSecretSpec> = {}): World {
  const world = createWorld(aVaultSecret({ spec: { target, ...spec } }));
  world.server.create('shop', { ...theirs, ...label });
  return world;
}

async function aMergedWorld(): Promise<World> {
  const world = aWorldToMerge();
  await world.reconcile();
  world.takeWrites();
  world.reads.length = 0;
  return world;
}

const fieldsOf = ({ server }: World, name = 'shop') =>
  Object.fromEntries(server.liveOf(name).fields);

describe('a VaultSecret that merges', () => {
  test('sets its finalizer, then its keys and marks; the rest stays as it is', async () => {
    const world = aWorldToMerge();
    await world.reconcile();

    expect(world.takeWrites()).toEqual([add, 'apply shop', 'status']);
    expect(world.server.dataOf('shop')).toEqual({ THEIRS: 'x', DB_PASSWORD: 'p4ssw0rd' });
    expect(fieldsOf(world)).toMatchObject({
      ...theirs,
      ...label,
      'annotation/vaultsecret.dev/owner.uid-1': 'shop/shop',
    });
    expect(world.status().conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
  });

  test('reads and writes nothing at rest, whatever others do with their part', async () => {
    const world = await aMergedWorld();
    await world.clock.advance(10_000);
    world.server.edit('shop', { 'data/MORE': 'eA==', 'data/THEIRS': undefined, 'label/app': 'c' });
    await world.reconcile();
    world.restart();
    await world.reconcile();

    expect([...world.reads, ...world.writes]).toEqual([]);
  });

  test('follows its source, and repairs its keys alone', async () => {
    const world = await aMergedWorld();
    rotate(world);
    await world.clock.advance(hour);
    await world.reconcile();
    expect(world.server.dataOf('shop')).toEqual({ THEIRS: 'x', DB_PASSWORD: 'new' });

    world.server.edit('shop', { 'data/DB_PASSWORD': 'eA==', 'data/MORE': 'eA==' });
    await world.clock.advance(10_000);
    await world.reconcile();
    expect(world.server.dataOf('shop')).toEqual({ THEIRS: 'x', MORE: 'x', DB_PASSWORD: 'new' });
    expect(world.takeWrites()).toEqual([
      'apply shop',
      'status',
      'apply shop',
      'apply shop with force',
    ]);
  });

  test('takes over a key that others had set before', async () => {
    const world = aWorldToMerge();
    world.server.edit('shop', { 'data/DB_PASSWORD': 'b2xk' });
    await world.reconcile();

    expect(world.server.dataOf('shop')).toEqual({ THEIRS: 'x', DB_PASSWORD: 'p4ssw0rd' });
  });

  test('drops the keys that its spec drops', async () => {
    const world = await aMergedWorld();
    world.state.vault.set('b', aKeyVaultSecret({ name: 'b' }));
    world.editSpec({ data: [{ dataKey: 'B', secret: { name: 'b' } }] });
    await world.reconcile();

    expect(Object.keys(world.server.dataOf('shop') ?? {})).toEqual(['THEIRS', 'B']);
  });

  test('waits for a Secret, and for its label', async () => {
    const world = createWorld(aVaultSecret({ spec: { target } }));
    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'TargetNotFound' });
    world.server.create('shop', theirs);
    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'TargetNotLabelled' });
    expect(world.takeWrites()).toEqual(['status', 'status']);

    world.server.edit('shop', label);
    await world.reconcile();
    expect(world.takeWrites()).toEqual([add, 'apply shop', 'status']);
  });

  test('touches no credential', async () => {
    const world = createWorld(aVaultSecret({ spec: { target } }));
    world.server.create('shop', label, 'kubernetes.io/service-account-token');

    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'TargetIsCredential' });
    expect(world.writes).toEqual(['status']);
  });

  test('lets go of a Secret that is gone, and begins anew when it is back', async () => {
    const world = await aMergedWorld();
    world.server.remove('shop');
    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'TargetNotFound' });
    expect(world.takeWrites()).toEqual([remove, 'status']);

    world.server.create('shop', { ...theirs, ...label });
    await world.reconcile();
    expect(world.takeWrites()).toEqual([add, 'apply shop', 'status']);
  });
});

describe('when a VaultSecret that merged is deleted', () => {
  test('its keys and marks go first, and nothing else', async () => {
    const world = await aMergedWorld();
    world.delete();
    await world.reconcile();

    expect(world.takeWrites()).toEqual(['withdraw shop', remove]);
    expect(fieldsOf(world)).toEqual({ ...theirs, ...label });
    expect(world.state.vaultSecret).toBeUndefined();
    expect(world.reads).toEqual([]);
  });

  test('a key that somebody else applies stays, and is theirs alone', async () => {
    const world = await aMergedWorld();
    world.server.apply('shop', 'argo', { 'data/DB_PASSWORD': 'cDRzc3cwcmQ=' });
    world.delete();
    await world.reconcile();

    expect(world.takeWrites()).toEqual(['withdraw shop', 'disown shop', remove]);
    expect(world.server.dataOf('shop')).toEqual({ THEIRS: 'x', DB_PASSWORD: 'p4ssw0rd' });
    expect(fieldsOf(world)).not.toHaveProperty('annotation/vaultsecret.dev/owner.uid-1');
    expect(world.state.vaultSecret).toBeUndefined();
  });

  test.each<readonly [string, (world: World) => void, readonly string[]]>([
    ['is gone', ({ server }) => server.remove('shop'), []],
    [
      'lost our label',
      ({ server }) => server.edit('shop', { 'label/vaultsecret.dev/managed': undefined }),
      [],
    ],
    [
      'is immutable by now',
      ({ server }) => void (server.liveOf('shop').immutable = true),
      ['withdraw shop', 'release shop'],
    ],
  ])('a Secret that %s does not hold it', async (_, change, writes) => {
    const world = await aMergedWorld();
    change(world);
    world.delete();
    await world.reconcile();

    expect(world.takeWrites()).toEqual([...writes, remove]);
    expect(world.state.vaultSecret).toBeUndefined();
  });

  test('a Secret that changes meanwhile is looked at again', async () => {
    const world = await aMergedWorld();
    world.delete();
    world.state.interference.before = (write) => {
      if (write === 'withdraw shop') world.server.edit('shop', { 'data/THEIRS': 'bmV3' });
      world.state.interference = {};
    };

    await expect(world.reconcile()).rejects.toThrow(StaleFenceError);
    await world.reconcile();
    expect(world.server.dataOf('shop')).toEqual({ THEIRS: 'new' });
    expect(world.state.vaultSecret).toBeUndefined();
  });

  test('what the API server refuses is explained, and holds it', async () => {
    const world = await aMergedWorld();
    world.delete();
    world.state.interference.before = (write) => {
      if (write === 'withdraw shop')
        throw new KubeApiError({ status: 403, reason: '', message: '' });
    };

    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'RequestForbidden' });
    expect(world.status().conditions).toMatchObject([{ status: 'False' }, { type: 'Stalled' }]);
    world.state.interference = {};
    await world.reconcile();
    expect(world.state.vaultSecret).toBeUndefined();
  });
});

describe('the finalizer', () => {
  test.each([404, 409, 422])('is looked at again when it is refused (%i)', async (status) => {
    const world = aWorldToMerge();
    world.state.interference.before = (write) => {
      if (write === add) throw new KubeApiError({ status, reason: '', message: '' });
    };

    await expect(world.reconcile()).rejects.toThrow(StaleFenceError);
    expect(world.writes).toEqual([]);
    world.state.interference = {};
    await world.reconcile();
    expect(world.takeWrites()).toEqual([add, 'apply shop', 'status']);
  });

  test.each<readonly [KubeApiErrorFields['refusedBy'], string]>([
    [{ kind: 'rights', user: undefined, verb: 'patch' }, 'FinalizerForbidden'],
    [{ kind: 'mutatingPolicy', name: 'add' }, 'PolicyRefused'],
    [undefined, 'RequestForbidden'],
  ])('is explained when it is refused by %j, and no key is written', async (refusedBy, reason) => {
    const world = aWorldToMerge();
    world.state.interference.before = (write) => {
      if (write === add)
        throw new KubeApiError({ status: 403, reason: '', message: '', refusedBy });
    };

    await expect(world.reconcile()).rejects.toMatchObject({ reason });
    expect(world.takeWrites()).toEqual(['status']);
    expect(world.server.dataOf('shop')).toEqual({ THEIRS: 'x' });
  });

  test('of a VaultSecret that is gone is not missed', async () => {
    const world = await aMergedWorld();
    world.delete();
    world.state.interference.before = (write) => {
      if (write === remove) throw new KubeApiError({ status: 404, reason: '', message: '' });
    };

    await expect(world.reconcile()).resolves.toEqual({});
  });
});

describe('the last finalizer', () => {
  test('taken off, is not taken off again before the watch tells that the VaultSecret is gone', async () => {
    const world = await aMergedWorld();
    world.delete();
    world.state.laggingVaultSecret = world.state.vaultSecret;

    await world.reconcile();
    expect(world.takeWrites()).toEqual(['withdraw shop', remove]);
    await world.reconcile();
    expect(world.takeWrites()).toEqual([]);
  });
});

describe('two that merge into one Secret', () => {
  const other = (dataKey: string) =>
    aVaultSecret({
      name: 'other',
      uid: 'uid-o',
      createdAt: aVaultSecret().createdAt + 1,
      spec: { target, data: [{ dataKey, secret: { name: 'db-password' } }] },
    });

  test('share it while their keys differ, and each goes with its own', async () => {
    const world = await aMergedWorld();
    world.state.others.set('other', other('OTHER'));
    await world.clock.advance(10_000);
    await world.reconcile('other');
    await world.reconcile();

    expect(world.takeWrites()).toEqual([add, 'apply shop', 'status']);
    expect(Object.keys(world.server.dataOf('shop') ?? {})).toEqual([
      'THEIRS',
      'DB_PASSWORD',
      'OTHER',
    ]);
    world.delete();
    await world.reconcile();
    expect(Object.keys(world.server.dataOf('shop') ?? {})).toEqual(['THEIRS', 'OTHER']);
    expect(fieldsOf(world)).toHaveProperty('annotation/vaultsecret.dev/owner.uid-o');
  });

  test('of one key and equal values: the second is held back until the first is gone', async () => {
    const world = await aMergedWorld();
    world.state.others.set('other', other('DB_PASSWORD'));
    await expect(world.reconcile('other')).rejects.toMatchObject({ reason: 'DataKeyConflict' });
    await world.reconcile();
    expect(world.status().conditions).toMatchObject([{ type: 'Ready' }, { type: 'Conflict' }]);

    world.delete();
    await world.reconcile();
    world.takeWrites();
    await world.reconcile('other');
    expect(world.takeWrites()).toEqual([add, 'apply shop', 'status']);
  });
});
