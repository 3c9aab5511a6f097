import { expect, test } from 'vitest';

import { start } from './startedController.ts';

test('works on other keys while a reconcile waits off its worker', async () => {
  const answered = Promise.withResolvers<void>();
  const seen: string[] = [];
  const { queue, clock, active } = start({
    workers: 1,
    reconcile: async (key, { offWorker }) => {
      if (key === 'waits') await offWorker(answered.promise);
      seen.push(key);
      return {};
    },
  });
  queue.add('waits');
  queue.add('quick');
  await clock.settle();
  expect(seen).toEqual(['quick']);

  answered.resolve();
  await clock.settle();
  expect(seen).toEqual(['quick', 'waits']);
  expect(Math.max(...active)).toBe(1);
  expect(active.at(-1)).toBe(0);
});

test('work that resumes goes before new keys, and a failure off the worker is a failure', async () => {
  const lookup = Promise.withResolvers<never>();
  const busy = Promise.withResolvers<void>();
  const seen: string[] = [];
  const { queue, clock, outcomes } = start({
    workers: 1,
    errorPolicy: () => ({ action: 'awaitChange' }),
    reconcile: async (key, { offWorker }) => {
      if (key === 'fails') await offWorker(lookup.promise).finally(() => seen.push('resumed'));
      if (key === 'busy') await busy.promise;
      seen.push(key);
      return {};
    },
  });
  for (const key of ['fails', 'busy', 'new']) queue.add(key);
  await clock.settle();
  lookup.reject(new Error('no answer'));
  await clock.settle();
  expect(seen).toEqual([]);
  busy.resolve();
  await clock.settle();

  expect(seen).toEqual(['busy', 'resumed', 'new']);
  expect(outcomes).toEqual(['success 0s', 'error 0s', 'success 0s']);
});

test('keeps the worker of a reconcile when too many wait off theirs', async () => {
  let running = 0;
  const { queue, clock } = start({
    workers: 1,
    reconcile: async (_, { offWorker }) => {
      running += 1;
      await offWorker(new Promise(() => {}));
      return {};
    },
  });
  for (let i = 0; i < 100; i += 1) queue.add(`key-${i}`);
  await clock.settle();

  expect(running).toBe(33);
});

test('drops a key that waits for a worker when the controller stops', async () => {
  const first = Promise.withResolvers<void>();
  const seen: string[] = [];
  const { queue, clock, controller } = start({
    workers: 1,
    reconcile: async (key) => {
      seen.push(key);
      await first.promise;
      return {};
    },
  });
  queue.add('running');
  queue.add('waiting');
  await clock.settle();
  const stopped = controller.stop({ graceMs: 1_000 });
  first.resolve();

  expect(await stopped).toBe(true);
  expect(seen).toEqual(['running']);
});

test('says how long the longest reconcile under way has run', async () => {
  const { queue, clock, controller } = start({ reconcile: () => new Promise(() => {}) });
  expect(controller.longestRunMs()).toBe(0);
  queue.add('a');
  await clock.advance(5_000);
  queue.add('b');
  await clock.advance(1_000);

  expect(controller.longestRunMs()).toBe(6_000);
});
