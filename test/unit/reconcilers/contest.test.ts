import { expect, test } from 'vitest';
import { ReconcileError } from '../../../src/core/errors/errors.ts';
import { aWorldAtRest, type World } from './world.ts';

const hour = 3_600_000;
const minute = 60_000;

/** Undoes at once whatever we write. */
function fight({ state, server }: World): void {
  const spoil = (): void => server.edit('shop', { 'data/DB_PASSWORD': 'eA==' });
  state.interference.after = (write) => {
    if (write.startsWith('apply shop')) spoil();
  };
  spoil();
}

/** As the queue does for so long; `react` follows each look. Answers what was written. */
async function look(world: World, durationMs: number): Promise<readonly string[]> {
  const end = world.clock.now() + durationMs;
  while (world.clock.now() < end) {
    const writesBefore = world.writes.length;
    const delayMs = await world.reconcile().then(
      ({ requeueAfterMs = 0 }) => requeueAfterMs,
      (error: unknown) => (error instanceof ReconcileError ? (error.retryAfterMs ?? 0) : 0),
    );
    // What the other does is seen at once.
    const isUndone =
      world.writes.length > writesBefore && world.state.interference.after !== undefined;
    await world.clock.advance(isUndone ? 100 : Math.min(delayMs, end - world.clock.now()));
  }
  return world.takeWrites();
}

const repairsIn = (writes: readonly string[]): number =>
  writes.filter((write) => write === 'apply shop').length;

test('an edit war is fought ten times at once, then ever more rarely, and told once', async () => {
  const world = await aWorldAtRest();
  await world.clock.advance(minute);
  fight(world);
  const begin = await look(world, 2_000);
  expect(repairsIn(begin)).toBeGreaterThanOrEqual(10);
  expect(repairsIn(begin)).toBeLessThanOrEqual(12);
  expect(world.status().conditions).toMatchObject([
    { type: 'Ready', status: 'False', reason: 'SecretContested' },
    { type: 'Stalled', status: 'True', message: expect.stringContaining('kubectl-edit') },
  ]);

  const writes = await look(world, hour);
  expect(repairsIn(writes)).toBeGreaterThanOrEqual(12);
  expect(repairsIn(writes)).toBeLessThanOrEqual(12 + 10);
  expect(writes).not.toContain('status');
  expect(world.events.filter(({ reason }) => reason === 'SecretContested')).toHaveLength(1);
  expect(world.reads.length).toBeLessThan(40);
});

test('when the other gives up, the Secret is right within five minutes and Ready within ten more', async () => {
  const world = await aWorldAtRest();
  await world.clock.advance(minute);
  fight(world);
  await look(world, hour);
  world.state.interference = {};
  await look(world, 5 * minute);
  expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
  expect(world.status().conditions).toMatchObject([{ reason: 'SecretContested' }, {}]);

  expect(await look(world, 10 * minute + 1_000)).toEqual(['status']);
  expect(world.status().conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
});

test('a restart goes on with pauses, and calls it over in its time', async () => {
  const world = await aWorldAtRest();
  await world.clock.advance(minute);
  fight(world);
  await look(world, hour);
  const { interference } = world.state;
  world.restart();
  world.state.interference = interference;
  const { conditions } = world.status();

  expect(repairsIn(await look(world, minute))).toBeLessThan(8);
  expect(world.status().conditions).toMatchObject([
    { reason: 'SecretContested', message: expect.stringContaining('kubectl-edit') },
    { type: 'Stalled' },
  ]);
  expect(world.status().conditions?.[0]?.lastTransitionTime).toBe(
    conditions?.[0]?.lastTransitionTime,
  );
  world.restart();
  await look(world, 11 * minute);
  expect(world.status().conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
});

test('who asks for a refresh waits for nothing', async () => {
  const world = await aWorldAtRest();
  await world.clock.advance(minute);
  fight(world);
  await look(world, hour);
  world.state.interference = {};
  world.askForRefresh('now');
  await world.reconcile();

  expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
  expect(world.status().conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
});

test('comparing values that nobody changed is no repair', async () => {
  const world = await aWorldAtRest();
  for (let edit = 0; edit < 30; edit += 1) {
    await world.clock.advance(1_000);
    world.server.edit('shop', { 'label/team': String(edit) });
    await world.reconcile();
  }

  expect(world.status().conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
});
