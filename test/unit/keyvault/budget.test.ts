import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createVaultBudget, type VaultBudget } from '../../../src/keyvault/budget.ts';

/** How many go at once. */
function drain(budget: VaultBudget, now: number): number {
  let taken = 0;
  while (taken < 10_000 && budget.take(now)) taken += 1;
  return taken;
}

/** When each of so many goes, if each waits for its token. */
function sendAll(budget: VaultBudget, startMs: number, count: number): number[] {
  const sentAt: number[] = [];
  let now = startMs;
  while (sentAt.length < count) {
    if (budget.take(now)) sentAt.push(now);
    else now += budget.waitMs(now);
  }
  return sentAt;
}

/** The rate, seen from outside. */
function rateOf(budget: VaultBudget, now: number): number {
  drain(budget, now);
  return 10_000 / ((sendAll(budget, now, 10).at(-1) ?? 0) - now);
}

describe('the budget of a vault', () => {
  test('lets 200 go at once, and then 360 a second', () => {
    const budget = createVaultBudget(0);
    expect(drain(budget, 0)).toBe(200);
    expect(budget.waitMs(0)).toBe(3);
    expect(sendAll(budget, 0, 360).at(-1)).toBe(1_000);
  });

  test('takes nothing from who only asks how long to wait', () => {
    const budget = createVaultBudget(0);
    for (let asked = 0; asked < 1_000; asked += 1) budget.waitMs(0);
    expect(drain(budget, 0)).toBe(200);
  });
});

describe('a vault that throttles', () => {
  test('gets nothing until its Retry-After is over, then half the rate', () => {
    const budget = createVaultBudget(0);
    budget.throttled(0, 5_000);
    expect(budget.take(0)).toBe(false);
    expect(budget.pauseMs(4_999)).toBe(1);
    expect(budget.pauseMs(5_000)).toBe(0);
    expect(budget.take(5_000)).toBe(true);
    expect(rateOf(budget, 5_000)).toBeCloseTo(180, -1);
  });

  test('has its rate back bit by bit: ten more a second every second', () => {
    const budget = createVaultBudget(0);
    budget.throttled(0, 1_000);
    expect(rateOf(budget, 6_000)).toBeCloseTo(230, -1);
    expect(rateOf(budget, 60_000)).toBeCloseTo(360, -1);
  });

  test('gains nothing while it is paused', () => {
    const budget = createVaultBudget(0);
    budget.throttled(0, 60_000);
    expect(drain(budget, 60_000)).toBe(1);
    expect(rateOf(budget, 60_000)).toBeCloseTo(180, -1);
  });

  test('is left alone for pauses that double up to a minute when it names none', () => {
    const budget = createVaultBudget(0);
    let now = 0;
    for (const pauseMs of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      budget.throttled(now, undefined);
      expect(budget.pauseMs(now)).toBe(pauseMs);
      now += pauseMs;
    }
    budget.succeeded(now);
    budget.throttled(now, undefined);
    expect(budget.pauseMs(now)).toBe(1_000);
  });

  test('that still answers some requests is paused briefly, at half the rate each time', () => {
    const budget = createVaultBudget(0);
    for (const now of [0, 250, 500]) budget.throttled(now, undefined, true);
    expect(budget.pauseMs(500)).toBe(250);
    expect(rateOf(budget, 750)).toBeCloseTo(45, -1);
    budget.throttled(750, undefined);
    expect(budget.pauseMs(750)).toBe(1_000);
  });

  test('is left alone for ten minutes at most, whatever it asks for', () => {
    const budget = createVaultBudget(0);
    budget.throttled(0, Infinity);
    expect(budget.pauseMs(0)).toBe(600_000);
  });

  test('is throttled once by all that was under way', () => {
    const budget = createVaultBudget(0);
    for (let answer = 0; answer < 32; answer += 1) budget.throttled(answer, 0);
    budget.succeeded(100);
    expect(rateOf(budget, 1_000)).toBeCloseTo(180, -1);
  });

  test('is never slower than one a second', () => {
    const budget = createVaultBudget(0);
    for (let now = 0; now < 100_000; now += 1_000) budget.throttled(now, 1_000);
    expect(rateOf(budget, 100_000)).toBeGreaterThanOrEqual(1);
  });
});

test('a budget that has rested is as good as a new one', () => {
  const budget = createVaultBudget(0);
  budget.throttled(0, 1_000);
  expect(budget.isFull(5_000)).toBe(false);
  expect(budget.isFull(60_000)).toBe(true);
});

type Step =
  | { readonly kind: 'send'; readonly count: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'succeeded' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      count: fc.integer({ min: 1, max: 2_000 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.integer({ min: 0, max: 5_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('throttled' as const),
      retryAfterMs: fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'succeeded' as const }) },
);

/** When each request went out. */
function simulate(steps: readonly Step[]): number[] {
  const budget = createVaultBudget(0);
  const sentAt: number[] = [];
  let now = 0;
  for (const one of steps) {
    if (one.kind === 'wait') now += one.ms;
    else if (one.kind === 'throttled') budget.throttled(now, one.retryAfterMs);
    else if (one.kind === 'succeeded') budget.succeeded(now);
    else {
      sentAt.push(...sendAll(budget, now, one.count));
      now = sentAt.at(-1) ?? now;
    }
  }
  return sentAt;
}

test('whatever happens, no ten seconds see more than 4,000 requests', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const sentAt = simulate(steps);
      const isExceeded = sentAt.some(
        (at, index) => (sentAt[index + 4_000] ?? Infinity) - at < 10_000,
      );
      expect(isExceeded).toBe(false);
    }),
  );
});
