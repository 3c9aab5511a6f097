import { expect, test } from 'vitest';

import { createClockSteps } from '../../../src/runtime/clockSteps.ts';
import { createManualClock } from '../../support/manualClock.ts';

function start() {
  const clock = createManualClock(1_000_000);
  const steps: number[] = [];
  const stop = new AbortController();
  const running = createClockSteps(clock, (stepMs) => steps.push(stepMs)).run(stop.signal);
  running.catch(() => undefined);
  return { clock, steps, stop };
}

test.each([3_600_000, -3_600_000])(
  'sees within 30 s that the clock was set by %i ms, once',
  async (ms) => {
    const { clock, steps } = start();
    await clock.advance(45_000);
    clock.step(ms);
    await clock.advance(30_000);
    expect(steps).toEqual([ms]);
    await clock.advance(600_000);
    expect(steps).toEqual([ms]);
  },
);

test('takes no notice of a clock that a time server moves bit by bit', async () => {
  const { clock, steps } = start();
  for (let i = 0; i < 5; i += 1) {
    clock.step(300);
    await clock.advance(30_000);
  }
  expect(steps).toEqual([]);
});

test('leaves no timer behind when it is stopped', async () => {
  const { clock, stop } = start();
  await clock.advance(1_000);
  stop.abort(new Error('stop'));
  await clock.settle();
  expect(clock.pending).toBe(0);
});
