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

test('retries behind the first tries of all others, whatever its priority was', async () => {
  const { queue, clock } = setUp();
  queue.add('a/broken', { priority: PRIORITY.high });
  await queue.take(never);
  queue.retry('a/broken');
  queue.done('a/broken');
  await clock.advance(1_000);
  queue.add('b/refresh', { priority: PRIORITY.resync });

  expect(await takeReady(queue)).toEqual(['b/refresh', 'a/broken']);
});

test('brings a key that failed forward when it is edited', async () => {
  const { queue } = setUp();
  queue.retry('a/broken', { delayMs: 60_000 });
  queue.add('b/refresh', { priority: PRIORITY.resync });
  queue.add('a/broken', { priority: PRIORITY.high });

  expect(await takeReady(queue)).toEqual(['a/broken', 'b/refresh']);
});

test('lets namespaces take turns', async () => {
  const { queue } = setUp();
  for (let i = 0; i < 3; i += 1) queue.add(`many/${i}`);
  queue.add('few/0');

  expect(await takeReady(queue)).toEqual(['many/0', 'few/0', 'many/1', 'many/2']);
});

test('says for how long the keys of each priority wait, at most', async () => {
  const { queue, clock } = setUp();
  queue.add('a/first', { priority: PRIORITY.resync });
  await clock.advance(300);
  queue.add('a/second', { priority: PRIORITY.resync });
  queue.add('a/edited', { priority: PRIORITY.high });
  queue.add('a/delayed', { delayMs: 1_000 });
  clock.step(-1_000_000);
  await clock.advance(200);

  expect(queue.longestWaits()).toEqual(
    new Map([
      [PRIORITY.resync, 500],
      [PRIORITY.high, 200],
    ]),
  );
});
