import { expect, test } from 'vitest';

import { PRIORITY, type Workqueue } from '../../../src/ports/workqueue.ts';
import { createWorkqueue } from '../../../src/runtime/workqueue.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { createQueueFigures, evenRandom } from './fakes.ts';

function setUp() {
  const clock = createManualClock(1_000_000);
  const metrics = createQueueFigures();
  const backoff = { baseMs: 100, capMs: 1_000 };
  const queue = createWorkqueue({ clock, random: evenRandom, metrics, backoff });
  return { clock, metrics, queue };
}

const never = new AbortController().signal;

/** Takes what can be had now, without calling it done. */
async function takeReady(queue: Workqueue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.depth > 0) keys.push((await queue.take(never)) ?? '(none)');
  return keys;
}

test('hands keys of equal priority out in the order they were added', async () => {
  const { queue } = setUp();
  for (const key of ['c', 'a', 'b']) queue.add(key);

  expect(await takeReady(queue)).toEqual(['c', 'a', 'b']);
});

test('hands the highest priority out first', async () => {
  const { queue } = setUp();
  queue.add('resync', { priority: PRIORITY.resync });
  queue.add('drift');
  queue.add('edited', { priority: PRIORITY.high });

  expect(await takeReady(queue)).toEqual(['edited', 'drift', 'resync']);
});

test('holds a key once, at the highest priority that it was added with', async () => {
  const { queue, metrics } = setUp();
  queue.add('a', { priority: PRIORITY.resync });
  queue.add('b');
  queue.add('a', { priority: PRIORITY.high });
  queue.add('a', { priority: PRIORITY.normal });

  expect(await takeReady(queue)).toEqual(['a', 'b']);
  expect(metrics.counts.added).toBe(2);
});

test('hands a delayed key out at its time, not before', async () => {
  const { queue, clock } = setUp();
  queue.add('a', { delayMs: 500 });

  await clock.advance(499);
  expect(queue.depth).toBe(0);
  await clock.advance(1);
  expect(await takeReady(queue)).toEqual(['a']);
});

test('takes the earliest of the times that a key was added for', async () => {
  const { queue, clock } = setUp();
  queue.add('a', { delayMs: 500 });
  queue.add('a', { delayMs: 100 });
  queue.add('a', { delayMs: 900 });
  queue.add('b', { delayMs: 10_000 });
  queue.add('b');

  expect(await takeReady(queue)).toEqual(['b']);
  await clock.advance(100);
  expect(await takeReady(queue)).toEqual(['a']);
});

test('serves takers in the order they came', async () => {
  const { queue } = setUp();
  const first = queue.take(never);
  const second = queue.take(never);
  queue.add('a');
  queue.add('b');

  expect(await Promise.all([first, second])).toEqual(['a', 'b']);
});

test('hands a key out again when it was added while being processed, but only after done', async () => {
  const { queue } = setUp();
  queue.add('a');
  await queue.take(never);
  queue.add('a', { delayMs: 60_000 });
  queue.add('a');

  expect(queue.depth).toBe(0);
  queue.done('a');
  expect(await takeReady(queue)).toEqual(['a']);
});

test('remembers the delay of a key added while being processed', async () => {
  const { queue, clock } = setUp();
  queue.add('a');
  await queue.take(never);
  queue.add('a', { delayMs: 1_000 });
  await clock.advance(300);
  queue.done('a');

  await clock.advance(699);
  expect(queue.depth).toBe(0);
  await clock.advance(1);
  expect(queue.depth).toBe(1);
});

test('does not hand a key out again when nothing was added', async () => {
  const { queue, clock } = setUp();
  queue.add('a');
  await queue.take(never);
  queue.done('a');
  queue.done('a');

  await clock.advance(1_000_000);
  expect(queue.depth).toBe(0);
});

async function expectRetryAfter(
  { queue, clock }: ReturnType<typeof setUp>,
  delayMs: number,
): Promise<void> {
  queue.retry('a');
  await clock.advance(delayMs - 1);
  expect(queue.depth).toBe(0);
  await clock.advance(1);
  expect(await takeReady(queue)).toEqual(['a']);
}

test('doubles the delay with each retry up to the cap, and begins anew after forget', async () => {
  const world = setUp();
  for (const delayMs of [75, 150, 300, 600, 750, 750]) {
    await expectRetryAfter(world, delayMs);
    world.queue.done('a');
  }
  world.queue.forget('a');
  await expectRetryAfter(world, 75);
  expect(world.metrics.counts.retried).toBe(7);
});

test('spreads retries over the upper half of the delay', async () => {
  const clock = createManualClock(0);
  const draws = [0, 0.999];
  const random = () => draws.shift() ?? 0;
  const backoff = { baseMs: 1_000, capMs: 1_000 };
  const queue = createWorkqueue({ clock, random, metrics: createQueueFigures(), backoff });
  queue.retry('soon');
  queue.retry('late');

  await clock.advance(500);
  expect(await takeReady(queue)).toEqual(['soon']);
  await clock.advance(499);
  expect(queue.depth).toBe(0);
  await clock.advance(1);
  expect(await takeReady(queue)).toEqual(['late']);
});

test('retries after a given delay without counting a failure', async () => {
  const world = setUp();
  world.queue.retry('a', { delayMs: 5_000 });
  await world.clock.advance(5_000);
  expect(await takeReady(world.queue)).toEqual(['a']);
  world.queue.done('a');

  await expectRetryAfter(world, 75);
});

test('gives a taker up when its signal is aborted, and keeps the key for the next', async () => {
  const { queue } = setUp();
  const impatient = new AbortController();
  const first = queue.take(impatient.signal);
  const second = queue.take(never);
  impatient.abort();
  queue.add('a');

  expect(await first).toBeUndefined();
  expect(await second).toBe('a');
  expect(await queue.take(impatient.signal)).toBeUndefined();
});

test('gives nothing out and takes nothing in once it is shut down', async () => {
  const { queue, clock } = setUp();
  queue.add('waiting');
  queue.add('delayed', { delayMs: 10 });
  queue.shutDown();
  queue.add('late');
  queue.retry('late');

  await clock.advance(1_000_000);
  expect(queue.depth).toBe(0);
  expect(await queue.take(never)).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test('lets waiting takers go when it is shut down', async () => {
  const { queue } = setUp();
  const taken = queue.take(never);
  queue.shutDown();

  expect(await taken).toBeUndefined();
});

test('is drained once the keys being processed are done', async () => {
  const { queue, clock } = setUp();
  queue.add('a');
  await queue.take(never);
  queue.add('a');
  let isDrained = false;
  const drained = queue.drained().then(() => (isDrained = true));
  queue.shutDown();
  await clock.settle();
  expect(isDrained).toBe(false);

  queue.done('a');
  await drained;
  expect(queue.depth).toBe(0);
});

test('is drained at once when nothing is being processed', async () => {
  const { queue } = setUp();
  queue.shutDown();

  await expect(queue.drained()).resolves.toBeUndefined();
});

test('sets one timer, not one for each delayed key', async () => {
  const { queue, clock } = setUp();
  for (let i = 0; i < 1_000; i += 1) queue.add(`key-${i}`, { delayMs: 10_000 - i });

  expect(clock.pending).toBe(1);
  await clock.advance(10_000);
  expect(queue.depth).toBe(1_000);
  expect(clock.pending).toBe(0);
});

test.each([-86_400_000, 86_400_000])(
  'keeps its delays when the wall clock is set by %i ms',
  async (stepMs) => {
    const { queue, clock } = setUp();
    queue.add('refresh', { delayMs: 3_600_000 });
    queue.retry('retry', { delayMs: 100 });
    clock.step(stepMs);
    queue.add('soon', { delayMs: 1_000 });

    await clock.advance(99);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(await takeReady(queue)).toEqual(['retry']);
    await clock.advance(900);
    expect(await takeReady(queue)).toEqual(['soon']);
    await clock.advance(3_598_999);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(await takeReady(queue)).toEqual(['refresh']);
  },
);

test('keeps a delay longer than a timer of the platform can run', async () => {
  const { queue, clock } = setUp();
  const delayMs = 60 * 86_400_000;
  queue.add('a', { delayMs });

  await clock.advance(delayMs - 1);
  expect(queue.depth).toBe(0);
  await clock.advance(1);
  expect(queue.depth).toBe(1);
});

test('reports how many keys are ready and how long they waited', async () => {
  const { queue, clock, metrics } = setUp();
  queue.add('a');
  queue.add('b');
  await clock.advance(250);
  await queue.take(never);

  expect(metrics.depths.at(-1)).toBe(1);
  expect(metrics.waits).toEqual([0.25]);
});
