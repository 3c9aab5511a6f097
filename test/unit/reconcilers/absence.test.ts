import { describe, expect, test } from 'vitest';
import { graceMs } from '../../../src/core/plan/absence.ts';
import { ReconcileError } from '../../../src/core/errors/errors.ts';
import { StaleFenceError } from '../../../src/reconcilers/writeErrors.ts';
import { aKeyVaultSecret, aVaultSecret } from '../core/builders.ts';
import { missing } from '../core/absentObjects.ts';
import { anError } from '../core/someErrors.ts';
import { aWorldAtRest, createWorld, type World } from './world.ts';

const hour = 3_600_000;
const aDeletingWorld = async (): Promise<World> =>
  aWorldAtRest(aVaultSecret({ spec: { target: { deletionPolicy: 'Delete' } } }));
const remove = ({ state }: World) =>
  state.vault.set('db-password', anError('KeyVaultSecretNotFound'));
const recover = ({ state }: World) => state.vault.set('db-password', aKeyVaultSecret());
const readyOf = (world: World) => world.status().conditions?.[0];

/** Reconciles whenever the controller would, for so long. Answers when something was written to the Secret. */
async function run(world: World, durationMs: number, lateMs = 0): Promise<readonly string[]> {
  const begin = world.clock.now();
  const deeds: string[] = [];
  while (world.clock.now() < begin + durationMs) {
    const delayMs = await world.reconcile().then(
      ({ requeueAfterMs = Infinity }) => requeueAfterMs,
      (error: unknown) => (error instanceof ReconcileError ? (error.retryAfterMs ?? 0) : 0),
    );
    const deed = world.takeWrites().filter((write) => write !== 'status');
    deeds.push(...deed.map((write) => `${write} after ${world.clock.now() - begin} ms`));
    const leftMs = begin + durationMs - world.clock.now();
    await world.clock.advance(Math.min(delayMs + lateMs, leftMs));
  }
  return deeds;
}

describe('a Secret whose only object was deleted', () => {
  test('stays for ten minutes of many tries, and goes in that moment', async () => {
    const world = await aDeletingWorld();
    remove(world);
    world.askForRefresh('now');

    expect(await run(world, 2 * graceMs)).toEqual([`delete shop after ${graceMs} ms`]);
    expect(world.reads.length).toBeGreaterThan(10);
    expect(world.reads.length).toBeLessThan(25);
    expect(world.server.dataOf('shop')).toBeUndefined();
    expect(readyOf(world)).toMatchObject({ status: 'True', reason: 'SecretDeleted' });
    expect(world.events.map(({ reason }) => reason)).toEqual([
      'KeyVaultSecretGone',
      'SecretDeleted',
    ]);
    expect(world.counted).toContain('delete');
  });

  test('stays when the clock is set ahead, until ten more answers say the same', async () => {
    const world = await aDeletingWorld();
    remove(world);
    world.askForRefresh('now');
    expect(await run(world, 1)).toEqual([]);
    world.clock.step(graceMs + 1_000);
    world.reads.length = 0;

    expect(await run(world, graceMs - 62_000)).toEqual([]);
    expect(await run(world, hour)).toEqual([expect.stringMatching(/^delete shop/)]);
    expect(world.reads.length).toBeGreaterThan(10);
  });

  test('is said to go at one moment, also when each look comes late', async () => {
    const world = await aDeletingWorld();
    remove(world);
    world.askForRefresh('now');
    await run(world, graceMs - 60_000, 10_000);

    expect(world.events.map(({ reason }) => reason)).toEqual(['KeyVaultSecretGone']);
  });

  test('stays as long again when the controller starts anew', async () => {
    const world = await aDeletingWorld();
    remove(world);
    world.askForRefresh('now');
    expect(await run(world, graceMs - 1_000)).toEqual([]);
    world.restart();

    expect(await run(world, 2 * graceMs)).toEqual([`delete shop after ${graceMs} ms`]);
  });

  test('stays when the object is recovered in time, and the condition takes it back', async () => {
    const world = await aDeletingWorld();
    remove(world);
    world.askForRefresh('now');
    await run(world, graceMs / 2);
    expect(readyOf(world)).toMatchObject({ status: 'False', reason: 'KeyVaultSecretGone' });
    recover(world);

    expect(await run(world, 2 * graceMs)).toEqual([]);
    expect(readyOf(world)).toMatchObject({ status: 'True', reason: 'Synced' });
  });

  test('is made again when the object is recovered later, whoever restarts meanwhile', async () => {
    const world = await aDeletingWorld();
    remove(world);
    world.askForRefresh('now');
    await run(world, graceMs + hour);
    world.restart();
    world.reads.length = 0;
    await world.reconcile();
    expect(world.reads).toEqual([]);
    recover(world);
    world.askForRefresh('again');
    await world.reconcile();

    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
    expect(readyOf(world)).toMatchObject({ status: 'True', reason: 'Synced' });
    expect(world.status().gone).toBeUndefined();
    expect(world.events.map(({ reason }) => reason)).not.toContain('DriftRepaired');
  });

  test('is looked at again when somebody changed it in the last moment', async () => {
    const world = await aDeletingWorld();
    remove(world);
    world.askForRefresh('now');
    await run(world, graceMs);
    world.state.lagging = world.server.watched();
    world.server.edit('shop', { 'label/team': 'a' });

    await expect(world.reconcile()).rejects.toThrow(StaleFenceError);
    expect(world.server.dataOf('shop')).toBeDefined();
    await world.reconcile();
    expect(world.server.dataOf('shop')).toBeUndefined();
  });

  /** The Secret is deleted, and no status says so. */
  async function crashed(): Promise<World> {
    const world = await aDeletingWorld();
    remove(world);
    world.askForRefresh('now');
    await run(world, graceMs);
    world.state.interference.before = (write) => {
      if (write === 'status') throw new Error('killed');
    };
    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'InternalError' });
    expect(world.server.dataOf('shop')).toBeUndefined();
    world.restart();
    world.takeWrites();
    return world;
  }

  test('that went before a crash is given ten minutes more, and is said to be deleted then', async () => {
    const world = await crashed();

    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'KeyVaultSecretGone' });
    expect(readyOf(world)?.message).toMatch(/unless it is back by .*, Secret shop stays away/);
    expect(await run(world, 2 * graceMs)).toEqual([]);
    expect(readyOf(world)).toMatchObject({ status: 'True', reason: 'SecretDeleted' });
  });

  test('that went before a crash comes back with its object', async () => {
    const world = await crashed();
    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'KeyVaultSecretGone' });
    recover(world);
    await world.reconcile();
    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
  });
});

test('data that left a Secret cost no write at later refreshes, nor does a restart', async () => {
  const data = ['db-password', 'b'].map((name) => ({ dataKey: name, secret: { name } }));
  const vaultSecret = aVaultSecret({ spec: { data, target: { deletionPolicy: 'Merge' } } });
  const world = createWorld(vaultSecret);
  world.state.vault.set('b', aKeyVaultSecret({ name: 'b' }));
  await world.reconcile();
  world.takeWrites();
  remove(world);
  world.askForRefresh('now');

  expect(await run(world, 3 * hour)).toEqual([`apply shop after ${graceMs} ms`]);
  expect(world.server.dataOf('shop')).toEqual({ b: 'p4ssw0rd' });
  world.restart();
  world.reads.length = 0;
  await world.reconcile();
  expect([...world.reads, ...world.takeWrites()]).toEqual([]);
});

test.each(['constructor', 'toString', 'valueOf', 'other'])(
  'an object named %s leaves the Secret as any other does, after one that was missing before',
  async (name) => {
    const data = ['db-password', name, 'stays'].map((one) => ({
      dataKey: one,
      secret: { name: one },
    }));
    const spec = { data, target: { deletionPolicy: 'Merge' as const } };
    const world = createWorld(aVaultSecret({ spec }));
    for (const one of [name, 'stays']) world.state.vault.set(one, aKeyVaultSecret({ name: one }));
    await world.reconcile();
    world.takeWrites();

    world.state.vault.set('db-password', missing('db-password'));
    world.askForRefresh('now');
    await run(world, 60_000);
    world.state.vault.set(name, missing(name));
    world.reads.length = 0;
    await run(world, 2 * graceMs);

    expect(Object.keys(world.server.dataOf('shop') ?? {})).toEqual(['stays']);
    expect(world.reads.length).toBeLessThan(100);
    expect(
      world.status().sources?.map(({ name: one, version }) => [one, version !== undefined]),
    ).toEqual([['stays', true]]);
    expect(readyOf(world)).toMatchObject({ status: 'True' });
  },
);
