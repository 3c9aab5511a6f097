import { expect, test } from 'vitest';

import { createCapacityGauge } from '../../../testbed/azure/leftCapacity.ts';

/** How many are let through when someone asks every millisecond. */
function letThrough(left: { perSecond?: number; burst?: number; per10s?: number }, forMs: number) {
  const gauge = createCapacityGauge({ burst: 1, ...left });
  let count = 0;
  for (let nowMs = 0; nowMs < forMs; nowMs += 1) if (gauge.take(nowMs)) count += 1;
  return count;
}

test.each([
  [{ perSecond: 20 }, 10_000, 200],
  [{ perSecond: 20, burst: 5 }, 10_000, 204],
  [{ perSecond: 0.5 }, 10_000, 5],
  [{ per10s: 30 }, 30_000, 90],
  [{ perSecond: 20, per10s: 30 }, 10_000, 30],
])('%j lets through in %d ms: %d', (left, forMs, count) => {
  expect(letThrough(left, forMs)).toBe(count);
});

test('a clock that is set back neither fills nor empties', () => {
  const gauge = createCapacityGauge({ perSecond: 1, burst: 1 });
  gauge.take(10_000);

  expect(gauge.take(0)).toBe(false);
  expect(gauge.take(999)).toBe(false);
  expect(gauge.take(1_000)).toBe(true);
});
