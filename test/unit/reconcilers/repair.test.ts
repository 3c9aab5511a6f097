import { describe, expect, test } from 'vitest';
import { fieldManagerOf } from '../../../src/api/meta.ts';
import { StaleFenceError } from '../../../src/reconcilers/writeErrors.ts';
import { aWorldAtRest, createWorld, type World } from './world.ts';

describe('what somebody changed', () => {
  test.each<readonly [string, (world: World) => void, readonly string[]]>([
    [
      'a value',
      ({ server }) => server.edit('shop', { 'data/DB_PASSWORD': 'eA==' }),
      ['apply shop', 'apply shop with force'],
    ],
    [
      'a value, as stringData',
      ({ server }) => server.applyStringData('shop', 'DB_PASSWORD', 'x'),
      ['apply shop'],
    ],
    [
      'a key more',
      ({ server }) => server.edit('shop', { 'data/X': 'eA==' }),
      ['apply shop', 'prune X'],
    ],
    [
      'a key more, as stringData',
      ({ server }) => server.applyStringData('shop', 'X', 'x'),
      ['apply shop', 'prune X'],
    ],
    [
      'a value and a key more, as stringData that our apply makes look old',
      ({ server }) => {
        server.applyStringData('shop', 'DB_PASSWORD', 'x');
        server.applyStringData('shop', 'X', 'x');
      },
      ['apply shop', 'prune X'],
    ],
    [
      'the label',
      ({ server }) => server.edit('shop', { 'label/vaultsecret.dev/managed': undefined }),
      ['apply shop'],
    ],
    [
      'the owner annotation',
      ({ server }) => server.edit('shop', { 'annotation/vaultsecret.dev/owner': undefined }),
      ['apply shop'],
    ],
    [
      'the record',
      ({ server }) => server.edit('shop', { 'annotation/vaultsecret.dev/sync-record': '{}' }),
      ['apply shop', 'apply shop with force', 'status'],
    ],
    [
      'the owner reference',
      ({ server }) => server.edit('shop', { 'owner/uid-1': undefined }),
      ['apply shop'],
    ],
    [
      'the label and all annotations',
      ({ server }) =>
        server.edit('shop', {
          'label/vaultsecret.dev/managed': undefined,
          'annotation/vaultsecret.dev/owner': undefined,
          'annotation/vaultsecret.dev/sync-record': undefined,
        }),
      ['apply shop', 'status'],
    ],
    [
      'the name in the owner annotation',
      ({ server }) => server.edit('shop', { 'annotation/vaultsecret.dev/owner': 'shop/other' }),
      ['apply shop', 'apply shop with force'],
    ],
    [
      'all but a value, by an apply in our own name',
      ({ server }) => server.apply('shop', fieldManagerOf('uid-1'), { 'data/DB_PASSWORD': 'eA==' }),
      ['apply shop', 'status'],
    ],
    ['the whole Secret', ({ server }) => server.remove('shop'), ['apply shop', 'status']],
    ['all managers', ({ server }) => server.clearManagers('shop'), ['apply shop']],
    [
      'a key more and all managers, so that only the apply brings it to light',
      ({ server }) => {
        server.edit('shop', { 'data/X': 'eA==' });
        server.clearManagers('shop');
      },
      ['apply shop', 'prune X'],
    ],
  ])('is put right once, and told: %s', async (_, change, writes) => {
    const world = await aWorldAtRest();
    await world.clock.advance(10_000);
    change(world);
    await world.clock.advance(1_000);
    await world.reconcile();

    expect(world.writes).toEqual(writes);
    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
    expect(world.server.watched()).toHaveLength(1);
    expect(world.events).toMatchObject([{ reason: 'DriftRepaired' }]);
    expect(world.counted).toContain('drift');

    world.takeWrites();
    world.reads.length = 0;
    await world.reconcile();
    world.restart();
    await world.reconcile();
    await world.clock.advance(2_000);
    world.server.edit('shop', { 'label/team': 'a' });
    await world.reconcile();
    expect([...world.reads, ...world.writes]).toEqual([]);
  });

  test('is not told when it was only suspected', async () => {
    const world = await aWorldAtRest();
    await world.clock.advance(1_000);
    world.server.edit('shop', { 'label/team': 'a' });
    await world.reconcile();

    expect(world.writes).toEqual(['apply shop']);
    expect(world.events).toEqual([]);
    expect(world.counted).not.toContain('drift');
  });

  test('of other labels and annotations is left alone', async () => {
    const world = await aWorldAtRest();
    await world.clock.advance(10_000);
    world.server.edit('shop', { 'label/team': 'a', 'annotation/note': 'b' });
    await world.reconcile();

    expect([...world.reads, ...world.writes]).toEqual([]);
  });

  test('in a Secret that is ours by a stripped annotation alone is not lost to us after a restart', async () => {
    const world = await aWorldAtRest();
    world.server.edit('shop', { 'label/vaultsecret.dev/managed': undefined });
    world.restart();
    await world.reconcile();

    expect(world.server.watched()).toHaveLength(1);
  });
});

describe('a Secret of somebody else', () => {
  async function aWorldWithForeign(): Promise<World> {
    const world = createWorld();
    world.server.create('shop', { 'data/THEIRS': 'eA==' });
    await expect(world.reconcile()).rejects.toThrow(StaleFenceError);
    return world;
  }

  test('is found by the fence of the create, and no status speaks of that', async () => {
    const world = await aWorldWithForeign();

    expect(world.writes).toEqual(['apply shop']);
    expect(world.status()).toEqual({ observedGeneration: -1 });
  });

  test('is left untouched, and the second look explains it', async () => {
    const world = await aWorldWithForeign();
    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'TargetOwnedByOther' });
    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'TargetOwnedByOther' });

    expect(world.server.dataOf('shop')).toEqual({ THEIRS: 'x' });
    expect(world.writes).toEqual(['apply shop', 'status']);
    expect(world.events).toMatchObject([{ type: 'Warning', reason: 'TargetOwnedByOther' }]);
  });

  test('makes room when it is deleted', async () => {
    const world = await aWorldWithForeign();
    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'TargetOwnedByOther' });
    world.server.remove('shop');
    await world.reconcile();

    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
  });
});
