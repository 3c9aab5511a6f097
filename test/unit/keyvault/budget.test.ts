import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createVaultBudget, type Turn, type VaultBudget } from '../../../src/keyvault/budget.ts';

/** Takes until the first that has to wait, and tells how many went at once. */
function drain(budget: VaultBudget, now: number): number {
  for (let taken = 0; taken < 10_000; taken += 1) {
    if (budget.take(now).ms > 0) return taken;
  }
  return Infinity;
}

function take(budget: VaultBudget, now: number, count: number): Turn[] {
  return Array.from({ length: count }, () => budget.take(now));
}

const lastOf = <T>(list: readonly T[]): T | undefined => list.at(-1);

describe('the budget of a vault', () => {
  test('lets 200 go at once, and then 360 a second in order', () => {
    const budget = createVaultBudget(0);
    expect(drain(budget, 0)).toBe(200);
    // The one that found it drained has reserved the first place.
    expect(budget.take(0)).toEqual({ kind: 'wait', ms: expect.closeTo((2 / 360) * 1000) });
    expect(lastOf(take(budget, 0, 358))?.ms).toBeCloseTo(1_000);
  });

  test('lets many reads of one VaultSecret wait rather than fail half-way', () => {
    const turns = take(createVaultBudget(0), 0, 32 * 100);
    expect(turns.every(({ kind }) => kind === 'wait')).toBe(true);
  });

  test('sends away what would hold its worker for more than ten seconds', () => {
    const turns = take(createVaultBudget(0), 0, 4_000);
    const waits = turns.filter(({ kind }) => kind === 'wait').map(({ ms }) => ms);
    expect(waits.length).toBe(3_800);
    expect(lastOf(waits)).toBeLessThanOrEqual(10_000);
  });

  test('tells each that it sends away another time, as fast as the vault allows', () => {
    const turns = take(createVaultBudget(0), 0, 4_000).filter(({ kind }) => kind === 'later');
    const gaps = turns.slice(1).map(({ ms }, index) => ms - (turns[index]?.ms ?? 0));
    expect(Math.min(...turns.map(({ ms }) => ms))).toBeGreaterThan(10_000);
    for (const gap of gaps) expect(gap).toBeCloseTo(1000 / 360);
  });

  test('never sends away for more than a minute', () => {
    const budget = createVaultBudget(0);
    budget.throttled(0, 600_000);
    expect(Math.max(...take(budget, 0, 10).map(({ ms }) => ms))).toBe(60_000);
  });
});

/** The rate, seen from outside: how long the 100th after a drained bucket waits. */
function rateOf(budget: VaultBudget, now: number): number {
  drain(budget, now);
  const [first, second] = take(budget, now, 2);
  return 1000 / ((second?.ms ?? 0) - (first?.ms ?? 0));
}

describe('a vault that throttles', () => {
  test('gets nothing until its Retry-After is over, then half the rate', () => {
    const budget = createVaultBudget(0);
    budget.throttled(0, 5_000);
    expect(budget.take(0)).toMatchObject({ kind: 'later' });
    expect(budget.isPaused(4_999)).toBe(true);
    expect(budget.isPaused(5_000)).toBe(false);
    expect(budget.take(5_000)).toEqual({ kind: 'wait', ms: 0 });
    expect(rateOf(budget, 5_000)).toBeCloseTo(180);
  });

  test('has its rate back bit by bit: ten more a second every second', () => {
    const budget = createVaultBudget(0);
    budget.throttled(0, 1_000);
    expect(rateOf(budget, 6_000)).toBeCloseTo(230);
    expect(rateOf(budget, 60_000)).toBeCloseTo(360);
  });

  test('gains nothing while it is paused', () => {
    const budget = createVaultBudget(0);
    budget.throttled(0, 60_000);
    expect(drain(budget, 60_000)).toBe(1);
    expect(rateOf(budget, 60_000)).toBeCloseTo(180);
  });

  test('holds workers for no more than a second', () => {
    const budget = createVaultBudget(0);
    budget.throttled(0, 1_000);
    const waits = take(budget, 1_000, 500).filter(({ kind }) => kind === 'wait');
    expect(lastOf(waits)?.ms).toBeLessThanOrEqual(1_000);
    expect(waits.length).toBeLessThan(200);
  });

  test('is left alone for pauses that double up to a minute when it names none', () => {
    const budget = createVaultBudget(0);
    let now = 0;
    for (const pauseMs of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      budget.throttled(now, undefined);
      expect(budget.isPaused(now + pauseMs - 1)).toBe(true);
      now += pauseMs;
      expect(budget.isPaused(now)).toBe(false);
    }
    budget.succeeded(now);
    budget.throttled(now, undefined);
    expect(budget.isPaused(now + 1_000)).toBe(false);
  });

  test('is throttled once by all that was under way', () => {
    const budget = createVaultBudget(0);
    for (let answer = 0; answer < 32; answer += 1) budget.throttled(answer, 0);
    budget.succeeded(100);
    expect(rateOf(budget, 1_000)).toBeCloseTo(180);
  });

  test('is never slower than one a second', () => {
    const budget = createVaultBudget(0);
    for (let now = 0; now < 100_000; now += 1_000) budget.throttled(now, 1_000);
    expect(rateOf(budget, 100_000)).toBeGreaterThanOrEqual(1);
  });

  test('is left alone no longer when the wall clock is set back', () => {
    const budget = createVaultBudget(3_600_000);
    budget.throttled(3_600_000, 5_000);
    expect(budget.isPaused(0)).toBe(true);
    expect(budget.isPaused(5_000)).toBe(false);
  });
});

test('a budget that has rested is as good as a new one', () => {
  const budget = createVaultBudget(0);
  budget.throttled(0, 1_000);
  expect(budget.isFull(5_000)).toBe(false);
  expect(budget.isFull(60_000)).toBe(true);
});

type Step =
  | { readonly kind: 'take'; readonly count: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'succeeded' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('take' as const),
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
function simulate(steps: readonly Step[]): { sentAt: number[]; turns: Turn[] } {
  const budget = createVaultBudget(0);
  const sentAt: number[] = [];
  const turns: Turn[] = [];
  let now = 0;
  for (const one of steps) {
    if (one.kind === 'wait') now += one.ms;
    else if (one.kind === 'throttled') budget.throttled(now, one.retryAfterMs);
    else if (one.kind === 'succeeded') budget.succeeded(now);
    else {
      const taken = take(budget, now, one.count);
      turns.push(...taken);
      const waits = taken.filter(({ kind }) => kind === 'wait');
      sentAt.push(...waits.map(({ ms }) => now + ms));
    }
  }
  return { sentAt: sentAt.toSorted((a, b) => a - b), turns };
}

test('whatever happens, no ten seconds see more than 4,000 requests, and no wait is negative', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { sentAt, turns } = simulate(steps);
      const isExceeded = sentAt.some(
        (at, index) => (sentAt[index + 4_000] ?? Infinity) - at < 10_000,
      );
      expect(isExceeded).toBe(false);
      expect(turns.every(({ ms }) => ms >= 0 && ms <= 60_000)).toBe(true);
    }),
  );
});
