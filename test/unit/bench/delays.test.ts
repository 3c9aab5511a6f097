import { expect, test } from 'vitest';
import { summarize, type Delay } from '../../bench/overload/delays.ts';

const served = (ms: number, isWarm = true): Delay => ({ ms, isServed: true, isWarm });

test('the value is the 99th percentile of all, whatever their vaults', () => {
  const delays = Array.from({ length: 100 }, (_, index) => served(index + 1, index % 2 === 0));

  const { value } = summarize(delays);

  expect(value).toBe(99);
});

test('the note has the median and the largest of known and of new vaults', () => {
  const delays = [served(1), served(2), served(9), served(10, false), served(1_234, false)];

  const { note } = summarize(delays, 'and more');

  expect(note).toBe('median (largest) of known vaults 2 (9), new vaults 10 (1,234); and more');
});

test('who was not served counts with how long it had waited, and the note says so', () => {
  const { value, note } = summarize([served(5), { ms: 60_000, isServed: false, isWarm: true }]);

  expect(value).toBe(60_000);
  expect(note).toMatch(/; 1 of 2 not served in time$/);
});
