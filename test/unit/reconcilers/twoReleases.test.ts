import { expect, test } from 'vitest';
import { fieldManagerOf, syncRecordAnnotation } from '../../../src/api/meta.ts';
import { ReconcileError } from '../../../src/core/errors/errors.ts';
import { aWorldAtRest, type World } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const recordPath = `annotation/${syncRecordAnnotation}`;

/** What another release writes in its way, under the name of our field manager. */
const ways: readonly (readonly [string, (record: string) => string])[] = [
  ['renders otherwise', (record) => record.replace(/"render":"\w+"/, '"render":"other"')],
  ['keeps records that cannot be read here', () => '[]'],
];

function writeAsOther({ server }: World, way: (record: string) => string): void {
  const fields = Object.fromEntries(server.liveOf('shop').fields);
  const record = way(fields[recordPath] ?? '');
  server.apply('shop', fieldManagerOf('uid-1'), { ...fields, [recordPath]: record });
}

/** As the queue does; the other release answers each of our writes. Answers how many there were. */
async function appliesIn(world: World, durationMs: number): Promise<number> {
  const end = world.clock.now() + durationMs;
  let count = 0;
  while (world.clock.now() < end) {
    const delayMs = await world.reconcile().then(
      ({ requeueAfterMs = 0 }) => requeueAfterMs,
      (error: unknown) => (error instanceof ReconcileError ? (error.retryAfterMs ?? 0) : 0),
    );
    const applies = world.takeWrites().filter((write) => write.startsWith('apply')).length;
    const isAnswered = applies > 0 && world.state.interference.after !== undefined;
    await world.clock.advance(isAnswered ? 100 : Math.min(delayMs, end - world.clock.now()));
    count += applies;
  }
  return count;
}

test.each(ways)(
  'another release that %s and undoes each write is answered ever more rarely, and shown',
  async (_, way) => {
    const world = await aWorldAtRest();
    await world.clock.advance(minute);
    writeAsOther(world, way);
    world.state.interference.after = (write) => {
      if (write.startsWith('apply')) writeAsOther(world, way);
    };

    expect(await appliesIn(world, 2_000)).toBeLessThanOrEqual(12);
    expect(await appliesIn(world, hour)).toBeLessThanOrEqual(22);
    expect(world.status().conditions).toMatchObject([
      { type: 'Ready', status: 'False', reason: 'SecretContested' },
      {
        type: 'Stalled',
        message: expect.stringContaining(
          `last by field manager ${fieldManagerOf('uid-1')} of another release`,
        ),
      },
    ]);
    expect(world.events.filter(({ reason }) => reason === 'SecretContested')).toHaveLength(1);
    expect(world.events.map(({ reason }) => reason)).not.toContain('DriftRepaired');

    world.state.interference = {};
    await appliesIn(world, 20 * minute);
    expect(world.status().conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
    expect(world.status().conditions).toHaveLength(1);
  },
);

test.each(ways)('an upgrade from a release that %s costs one write', async (_, way) => {
  const world = await aWorldAtRest();
  await world.clock.advance(minute);
  writeAsOther(world, way);
  world.restart();

  expect(await appliesIn(world, 24 * hour)).toBe(1);
  expect(world.status().conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
});
