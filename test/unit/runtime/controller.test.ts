import { expect, test } from 'vitest';

import type { ErrorAction } from '../../../src/ports/controller.ts';
import { start } from './startedController.ts';

test('reconciles each key and then waits for a change', async () => {
  const seen: string[] = [];
  const { queue, clock, outcomes } = start({
    reconcile: async (key) => {
      seen.push(key);
      return {};
    },
  });
  queue.add('a');
  queue.add('b');
  await clock.advance(1_000_000);

  expect(seen).toEqual(['a', 'b']);
  expect(outcomes).toEqual(['success 0s', 'success 0s']);
});

test('works on as many keys at once as it has workers', async () => {
  const { queue, clock, active, outcomes } = start({
    reconcile: async () => {
      await clock.sleep(100);
      return {};
    },
    workers: 3,
  });
  for (let i = 0; i < 7; i += 1) queue.add(`key-${i}`);
  await clock.advance(300);

  expect(Math.max(...active)).toBe(3);
  expect(active.at(-1)).toBe(0);
  expect(outcomes).toEqual(Array.from({ length: 7 }, () => 'success 0.1s'));
});

test('spaces failures out also where the key waits elsewhere between them', async () => {
  const timesMs: number[] = [];
  let isItsTurn = false;
  const { queue, clock } = start({
    reconcile: async (key) => {
      isItsTurn = !isItsTurn;
      if (isItsTurn) {
        queue.add(key);
        return { isUnfinished: true };
      }
      timesMs.push(clock.now() - 1_000_000);
      throw new Error('it changed meanwhile');
    },
  });
  queue.add('a');
  await clock.advance(600);

  expect(timesMs).toEqual([0, 75, 225, 525]);
});

test('reconciles again after the time that the result names', async () => {
  const timesMs: number[] = [];
  const { queue, clock, outcomes } = start({
    reconcile: async () => {
      timesMs.push(clock.now() - 1_000_000);
      return timesMs.length < 3 ? { requeueAfterMs: 60_000 } : {};
    },
  });
  queue.add('a');
  await clock.advance(600_000);

  expect(timesMs).toEqual([0, 60_000, 120_000]);
  expect(outcomes).toEqual(['requeue_after 0s', 'requeue_after 0s', 'success 0s']);
});

test.each<{ readonly next: ErrorAction; readonly timesMs: readonly number[] }>([
  { next: { action: 'backoff' }, timesMs: [0, 75, 225, 525] },
  { next: { action: 'after', delayMs: 300 }, timesMs: [0, 300, 600, 900] },
  { next: { action: 'awaitChange' }, timesMs: [0] },
])('does what the error policy says: $next.action', async ({ next, timesMs }) => {
  const seenMs: number[] = [];
  const { queue, clock, outcomes } = start({
    reconcile: async () => {
      seenMs.push(clock.now() - 1_000_000);
      throw new Error('broken');
    },
    errorPolicy: () => next,
  });
  queue.add('a');
  await clock.advance(1_000);

  expect(seenMs).toEqual(timesMs);
  expect(outcomes).toEqual(timesMs.map(() => 'error 0s'));
});

test('backs off when the error policy itself fails', async () => {
  let runs = 0;
  const { queue, clock } = start({
    reconcile: async () => {
      runs += 1;
      throw new Error('broken');
    },
    errorPolicy: () => {
      throw new Error('unknown');
    },
  });
  queue.add('a');
  await clock.advance(80);

  expect(runs).toBe(2);
});

test('begins with the shortest delay again after a success', async () => {
  const seenMs: number[] = [];
  const { queue, clock } = start({
    reconcile: async () => {
      seenMs.push(clock.now() - 1_000_000);
      if (seenMs.length === 3) return { requeueAfterMs: 1_000 };
      throw new Error('broken');
    },
  });
  queue.add('a');
  await clock.advance(1_310);

  expect(seenMs).toEqual([0, 75, 225, 1_225, 1_300]);
});

test('gives each reconcile a log line of its own: key, id, code and error', async () => {
  const { queue, clock, log } = start({
    reconcile: async (key, context) => {
      context.log.info('seen');
      throw new Error(`broken ${key}`);
    },
    errorPolicy: () => ({ action: 'awaitChange', code: 'VS-1' }),
  });
  queue.add('ns/a');
  await clock.settle();

  const [seen, failed] = log.lines;
  expect(seen).toMatchObject({ controller: 'things', thing: 'ns/a' });
  expect(seen?.['reconcileID']).toMatch(/^[0-9a-z]{8}$/);
  expect(failed).toMatchObject({
    level: 'warn',
    action: 'awaitChange',
    code: 'VS-1',
    errorText: 'broken ns/a',
    reconcileID: seen?.['reconcileID'],
  });
});

test('does not quote the input that a parser choked on', async () => {
  const { queue, clock, log } = start({
    reconcile: async () => JSON.parse('hunter2'),
  });
  queue.add('a');
  await clock.settle();

  expect(log.lines).toHaveLength(1);
  expect(JSON.stringify(log.lines)).not.toContain('hunter2');
});

test('stops taking keys, and lets running reconciles finish', async () => {
  const finished: string[] = [];
  const { queue, clock, controller } = start({
    reconcile: async (key, { signal }) => {
      await clock.sleep(5_000, signal);
      finished.push(key);
      return { requeueAfterMs: 1 };
    },
    workers: 1,
  });
  queue.add('a');
  queue.add('b');
  await clock.settle();
  const stopped = controller.stop({ graceMs: 10_000 });
  await clock.advance(5_000);

  expect(await stopped).toBe(true);
  await clock.advance(60_000);
  expect(finished).toEqual(['a']);
  expect(clock.pending).toBe(0);
});

test('aborts reconciles that outlast the grace, and counts no error for them', async () => {
  const { queue, clock, controller, outcomes } = start({
    reconcile: async (_, { signal }) => {
      await clock.sleep(60_000, signal);
      return {};
    },
  });
  queue.add('a');
  await clock.settle();
  const stopped = controller.stop({ graceMs: 10_000 });
  await clock.advance(10_000);

  expect(await stopped).toBe(true);
  expect(outcomes).toEqual([]);
});

test('says so when a reconcile ignores the stop', async () => {
  const { queue, clock, controller, log } = start({
    reconcile: () => new Promise(() => {}),
  });
  queue.add('a');
  await clock.settle();
  const stopped = controller.stop({ graceMs: 0 });
  await clock.advance(1_000);

  expect(await stopped).toBe(false);
  expect(log.lines.at(-1)).toMatchObject({ level: 'error', running: 1 });
});
