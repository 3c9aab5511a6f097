import { expect, test } from 'vitest';

import { createTransactionBudget } from '../../../testbed/azure/transactionBudget.ts';

test('lets through what fits into any ten consecutive seconds', () => {
  const budget = createTransactionBudget();
  const taken: number[] = [];
  for (let second = 0; second < 25; second += 1) {
    let count = 0;
    while (count < 4 && budget.take(second * 1_000, 10)) count += 1;
    taken.push(count);
  }

  for (let start = 0; start + 10 <= taken.length; start += 1) {
    const sum = taken.slice(start, start + 10).reduce((total, count) => total + count, 0);
    expect(sum).toBeLessThanOrEqual(10);
  }
  expect(taken.slice(0, 3)).toEqual([4, 4, 2]);
  expect(taken.slice(10, 13)).toEqual([4, 4, 2]);
});

test('forgets everything after a long rest', () => {
  const budget = createTransactionBudget();
  while (budget.take(0, 5));

  expect(budget.take(9_999, 5)).toBe(false);
  expect(budget.take(3_600_000, 5)).toBe(true);
});

test('knows no limit of zero', () => {
  const budget = createTransactionBudget();
  for (let count = 0; count < 100; count += 1) expect(budget.take(0, 0)).toBe(true);
});
