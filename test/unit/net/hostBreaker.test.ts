import { beforeEach, describe, expect, test } from 'vitest';
import { createHostBreaker, type HostBreaker } from '../../../src/net/hostBreaker.ts';
import { createManualClock, type ManualClock } from '../../support/manualClock.ts';

interface Exchange {
  readonly outcome: () => string;
  answer(): Promise<void>;
  fail(): Promise<void>;
}

let clock: ManualClock;
let breaker: HostBreaker;
const states: string[] = [];
const metrics = {
  breaker: (host: string, isOpen: boolean) => states.push(`${host} ${isOpen ? 'open' : 'closed'}`),
};

beforeEach(() => {
  clock = createManualClock(0);
  states.length = 0;
  breaker = createHostBreaker(clock, metrics);
});

/** A request whose end the test decides; `waiting` until it is sent, `sent` until it ends. */
async function begin(host = 'a'): Promise<Exchange> {
  let outcome = 'waiting';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  breaker
    .run(host, () => {
      outcome = 'sent';
      return promise;
    })
    .then(
      () => (outcome = 'answered'),
      (thrown: unknown) => (outcome = thrown instanceof Error ? thrown.name : 'thrown'),
    );
  await clock.settle();
  return {
    outcome: () => outcome,
    answer: async () => {
      resolve();
      await clock.settle();
    },
    fail: async () => {
      reject(new Error());
      await clock.settle();
    },
  };
}

async function beginMany(count: number, host = 'a'): Promise<Exchange[]> {
  const begun: Exchange[] = [];
  for (let number = 0; number < count; number += 1) begun.push(await begin(host));
  return begun;
}

const outcomes = (exchanges: readonly Exchange[]) => exchanges.map(({ outcome }) => outcome());

async function failMany(count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) await (await begin()).fail();
}

describe('a host that has not answered yet', () => {
  test('is asked by eight at once, the next wait for its first answer', async () => {
    const begun = await beginMany(10);
    expect(outcomes(begun)).toEqual([...Array(8).fill('sent'), 'waiting', 'waiting']);
    await begun[0]?.answer();
    expect(outcomes(begun.slice(8))).toEqual(['sent', 'sent']);
  });

  test('may be asked by any number while it answers', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [first, ...slow] = await beginMany(8);
      await first?.answer();
      expect(outcomes(slow)).toEqual(Array(7).fill('sent'));
    }
  });

  test('is waited for half a second, by those who wait and by nobody after them', async () => {
    const begun = await beginMany(9);
    await clock.advance(499);
    expect(begun[8]?.outcome()).toBe('waiting');
    await clock.advance(1);
    expect(begun[8]?.outcome()).toBe('NotAnsweringError');
    expect((await begin()).outcome()).toBe('NotAnsweringError');
    expect((await begin('b')).outcome()).toBe('sent');
    await begun[0]?.answer();
    expect((await begin()).outcome()).toBe('sent');
  });

  test('is not called silent when its answer only waits for our own busy event loop', async () => {
    const overdue = new Set<() => void>();
    breaker = createHostBreaker(
      {
        ...clock,
        schedule(_delayMs, callback) {
          overdue.add(callback);
          return () => overdue.delete(callback);
        },
      },
      metrics,
    );
    const begun = await beginMany(9);
    // Timers that are overdue run before the sockets are read.
    for (const callback of Array.from(overdue)) callback();
    await begun[0]?.answer();
    expect(begun[8]?.outcome()).toBe('sent');
  });

  test('lets in whoever takes the place of one that failed', async () => {
    const begun = await beginMany(9);
    await begun[0]?.fail();
    expect(begun[8]?.outcome()).toBe('sent');
  });
});

describe('a host that fails', () => {
  test('is left alone only after five failures without an answer between', async () => {
    await failMany(4);
    await (await begin()).answer();
    await failMany(4);
    expect((await begin()).outcome()).toBe('sent');
  });

  test('is left alone for pauses that double up to 15 s, with one request after each', async () => {
    await failMany(5);
    for (const pauseMs of [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
      await clock.advance(pauseMs - 1);
      expect((await begin()).outcome()).toBe('NotAnsweringError');
      await clock.advance(1);
      const probe = await begin();
      expect(probe.outcome()).toBe('sent');
      expect((await begin()).outcome()).toBe('NotAnsweringError');
      await probe.fail();
    }
  });

  test('counts what fails together as one, and is welcome again after one answer', async () => {
    for (const exchange of await beginMany(8)) await exchange.fail();
    await clock.advance(1_000);
    await (await begin()).answer();
    for (const exchange of await beginMany(8)) await exchange.fail();
    await clock.advance(1_000);
    expect((await begin()).outcome()).toBe('sent');
  });

  test('is left alone no longer when the wall clock is set back', async () => {
    await failMany(5);
    clock.step(-3_600_000);
    await clock.advance(1_000);
    expect((await begin()).outcome()).toBe('sent');
  });
});

test('hosts that answer leave no timer behind', async () => {
  for (const exchange of await beginMany(9)) await exchange.answer();
  expect(clock.pending).toBe(0);
});

test('a host that is left alone is counted as such until it answers', async () => {
  for (let failure = 0; failure < 5; failure += 1) await (await begin()).fail();
  expect(states).toEqual(['a open']);
  await clock.advance(1_000);
  await (await begin()).answer();
  expect(states).toEqual(['a open', 'a closed']);
});

test('a host that nobody asks for any more is forgotten, a misspelt one say', async () => {
  await failMany(5);
  await clock.advance(599_999);
  expect(states).toEqual(['a open']);
  await clock.advance(1);
  expect(states).toEqual(['a open', 'a closed']);
  expect(clock.pending).toBe(0);
  await failMany(4);
  expect(states).toHaveLength(2);
});

test('a host that is asked for now and then is remembered', async () => {
  await failMany(5);
  for (let round = 0; round < 5; round += 1) {
    await clock.advance(300_000);
    await failMany(1);
  }
  expect(states).not.toContain('a closed');
});
