import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createSystemClock, systemRandom } from '../../src/system.ts';

const clock = createSystemClock();

test('a sleep ends after its time, and leaves nothing on its signal', async () => {
  const { signal } = new AbortController();
  const before = clock.now();
  await clock.sleep(2, signal);
  expect(clock.now() - before).toBeGreaterThanOrEqual(1);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a sleep ends with the reason of its signal', async () => {
  const stop = new AbortController();
  const reason = new Error('The controller stops');
  const sleeping = clock.sleep(60_000, stop.signal);
  stop.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  await expect(clock.sleep(60_000, stop.signal)).rejects.toBe(reason);
});

test('a timer that was cancelled does not call back', async () => {
  let calls = 0;
  clock.schedule(0, () => (calls += 1))();
  await clock.sleep(2);
  expect(calls).toBe(0);
});

test('a timer beyond the longest that Node knows does not call back at once', async () => {
  let calls = 0;
  const cancel = clock.schedule(2 ** 31 + 1, () => (calls += 1));
  await clock.sleep(5);
  cancel();
  expect(calls).toBe(0);
});

test('chance lies between 0 and 1', () => {
  expect(systemRandom()).toBeGreaterThanOrEqual(0);
  expect(systemRandom()).toBeLessThan(1);
});

test('elapsed time never goes back', () => {
  const before = clock.elapsed();
  expect(clock.elapsed()).toBeGreaterThanOrEqual(before);
});
