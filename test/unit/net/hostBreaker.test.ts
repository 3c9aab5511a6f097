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
  // Of a request that was never sent.
  promise.catch(() => undefined);
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

  test('is asked by sixteen at once when it answers, the next wait for a place', async () => {
    const first = await beginMany(8);
    await first[0]?.answer();
    const second = await beginMany(8);
    await second[0]?.answer();
    const third = await beginMany(3);
    expect(outcomes(first.slice(1))).toEqual(Array(7).fill('sent'));
    expect(outcomes(third)).toEqual(['sent', 'sent', 'waiting']);
    await first[1]?.answer();
    expect(third[2]?.outcome()).toBe('sent');
  });

  test('and takes 14 s for each answer fails none of those that wait', async () => {
    const begun = await beginMany(40);
    for (let round = 0; round < 6; round += 1) {
      await clock.advance(14_000);
      for (const exchange of begun) if (exchange.outcome() === 'sent') await exchange.answer();
    }
    expect(outcomes(begun)).toEqual(Array(40).fill('answered'));
  });

  test('lets in the next when a request of one that answered before fails', async () => {
    await (await begin()).answer();
    const begun = [await begin(), ...(await beginMany(8))];
    await begun[0]?.fail();
    expect(begun[8]?.outcome()).toBe('sent');
  });

  test('is down with its second failure, which all that wait get at once', async () => {
    const begun = await beginMany(20);
    await begun[0]?.fail();
    expect(outcomes(begun.slice(8, 10))).toEqual(['sent', 'waiting']);
    await begun[1]?.fail();
    expect(outcomes(begun.slice(9))).toEqual(Array(11).fill('NotAnsweringError'));
    expect((await begin('b')).outcome()).toBe('sent');
  });
});

describe('the health of a host', () => {
  test('is unknown, then silent after half a second without an answer, then answering', async () => {
    expect(breaker.healthOf('a')).toBe('unknown');
    const [first] = await beginMany(2);
    expect(breaker.healthOf('a')).toBe('unknown');
    await clock.advance(500);
    expect(breaker.healthOf('a')).toBe('silent');
    await first?.answer();
    expect(breaker.healthOf('a')).toBe('answering');
  });

  test('stays answering for five seconds without an answer: slow is not dead', async () => {
    const [first] = await beginMany(2);
    await first?.answer();
    await begin();
    await clock.advance(4_999);
    expect(breaker.healthOf('a')).toBe('answering');
    await clock.advance(1);
    expect(breaker.healthOf('a')).toBe('silent');
  });

  test('is down after failures, until it answers', async () => {
    await failMany(1);
    expect(breaker.healthOf('a')).toBe('silent');
    await failMany(1);
    expect(breaker.healthOf('a')).toBe('down');
    await clock.advance(1_000);
    expect(breaker.healthOf('a')).toBe('down');
    await (await begin()).answer();
    expect(breaker.healthOf('a')).toBe('answering');
  });
});

describe('a host that answered before and fails', () => {
  beforeEach(async () => (await begin()).answer());

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

test.each([
  ['has not answered yet', 2, 0],
  ['answered before', 5, 1],
])(
  'a host that %s is asked again once a request that began before the pause is answered',
  async (_, failures, answers) => {
    for (let answer = 0; answer < answers; answer += 1) await (await begin()).answer();
    const begun = await beginMany(8);
    for (const exchange of begun.slice(0, failures)) await exchange.fail();
    expect((await begin()).outcome()).toBe('NotAnsweringError');
    await begun[7]?.answer();
    expect(breaker.healthOf('a')).toBe('answering');
    expect((await begin()).outcome()).toBe('sent');
  },
);

test('a pause that an answer ended does not end the next one early', async () => {
  const begun = await beginMany(3);
  await begun[0]?.fail();
  await begun[1]?.fail();
  await clock.advance(600);
  await begun[2]?.answer();
  await failMany(5);
  await clock.advance(999);
  expect((await begin()).outcome()).toBe('NotAnsweringError');
  await clock.advance(1);
  expect((await begin()).outcome()).toBe('sent');
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
  await failMany(1);
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
