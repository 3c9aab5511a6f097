import { expect, test } from 'vitest';
import { median, medianOf, percentile } from '../../bench/statistics.ts';

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

test.each([
  { percent: 99, expected: 99 },
  { percent: 50, expected: 50 },
  { percent: 100, expected: 100 },
  { percent: 0, expected: 1 },
])('the $percent. percentile of 1 to 100 is $expected', ({ percent, expected }) => {
  expect(percentile(hundred, percent)).toBe(expected);
});

test('a high percentile of few values is the largest', () => {
  expect(percentile([30, 10, 20], 99)).toBe(30);
});

test.each([
  { values: [3, 1, 2], expected: 2 },
  { values: [4, 1, 3, 2], expected: 2.5 },
  { values: [10, 9], expected: 9.5 },
])('the median of $values is $expected', ({ values, expected }) => {
  expect(median(values)).toBe(expected);
});

test('runs are told by their median, smallest and largest, in whatever order they came', () => {
  expect(medianOf([0.9, 0.7, 0.8])).toEqual({ value: 0.8, spread: [0.7, 0.9] });
});

test('nothing is no figure', () => {
  expect(() => median([])).toThrow('no values');
  expect(() => percentile([], 99)).toThrow('no values');
});
