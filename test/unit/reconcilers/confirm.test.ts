import { describe, expect, test } from 'vitest';
import { aWorldAtRest, type World } from './world.ts';

/** What admission does to a write: the value changes, and no field manager has it. */
const admission: readonly (readonly [string, (world: World) => void, readonly string[]])[] = [
  [
    'changed a value',
    ({ server }) => void server.liveOf('shop').fields.set('data/DB_PASSWORD', 'eA=='),
    ['apply shop with force', 'status'],
  ],
  [
    'added a data key',
    ({ server }) => void server.liveOf('shop').fields.set('data/INJECTED', 'eA=='),
    ['replace data of shop', 'status'],
  ],
];

describe.each(admission)('a Secret in which admission %s', (_, alter, repair) => {
  test('is put right when a refresh is asked for, once', async () => {
    const world = await aWorldAtRest();
    alter(world);
    world.askForRefresh('now');
    await world.reconcile();

    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
    expect(world.takeWrites()).toEqual(repair);
    await world.reconcile();
    expect(world.takeWrites()).toEqual([]);
  });

  test('is said to be contested while that goes on, and put right when it ends', async () => {
    const world = await aWorldAtRest();
    alter(world);
    world.state.interference.after = (write) => write !== 'status' && alter(world);
    world.askForRefresh('now');

    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'SecretContested' });
    expect(world.status().conditions).toMatchObject([
      { type: 'Ready', status: 'False', reason: 'SecretContested' },
      { type: 'Stalled' },
    ]);
    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'SecretContested' });
    expect(world.takeWrites().filter((write) => write === 'status')).toHaveLength(1);

    world.restart();
    await world.reconcile();
    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
  });
});

test('a Secret that is as it was applied costs no write when a refresh is asked for', async () => {
  const world = await aWorldAtRest();
  world.askForRefresh('now');
  await world.reconcile();

  expect(world.takeWrites()).toEqual(['status']);
});
