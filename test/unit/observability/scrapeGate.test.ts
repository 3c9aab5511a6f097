import { describe, expect, test } from 'vitest';
import { reveal } from '../../../src/core/redacted.ts';
import { createScrapeGate, GateBusyError } from '../../../src/observability/scrapeGate.ts';
import type { ScrapeVerdict } from '../../../src/ports/scrapes.ts';
import { createManualClock } from '../../support/manualClock.ts';

function setUp(verdictOf: (token: string) => Promise<ScrapeVerdict>) {
  const clock = createManualClock(0);
  const asked: string[] = [];
  const gate = createScrapeGate({
    clock,
    reviewer: {
      review(token) {
        asked.push(reveal(token));
        return verdictOf(reveal(token));
      },
    },
  });
  return { clock, asked, gate };
}

const saying = (verdict: ScrapeVerdict) => async () => verdict;

describe('the gate before the metrics', () => {
  test.each([undefined, '', 'Bearer', 'Basic dXNlcjpwYXNz', 'Bearer a b'])(
    'asks nobody about %j',
    async (authorization) => {
      const { gate, asked } = setUp(saying('allowed'));

      expect(await gate(authorization)).toBe('unknown');
      expect(asked).toEqual([]);
    },
  );

  test.each<[verdict: ScrapeVerdict, standsMs: number]>([
    ['allowed', 60_000],
    ['forbidden', 10_000],
    ['unknown', 10_000],
  ])('asks about a token that is %s again after %d ms', async (verdict, standsMs) => {
    const { gate, asked, clock } = setUp(saying(verdict));
    const look = async () => gate('bearer token');

    expect(await look()).toBe(verdict);
    await clock.advance(standsMs - 1);
    expect(await look()).toBe(verdict);
    expect(asked).toEqual(['token']);
    await clock.advance(1);
    await look();
    expect(asked).toEqual(['token', 'token']);
  });

  test('takes no verdict on one token for another', async () => {
    const { gate } = setUp(async (token) => (token === 'good' ? 'allowed' : 'unknown'));

    expect(await gate('Bearer good')).toBe('allowed');
    expect(await gate('Bearer bad')).toBe('unknown');
  });

  test('lets nobody in when it cannot ask, and asks again', async () => {
    const answers: ScrapeVerdict[] = ['allowed'];
    const { gate, asked } = setUp(async () => {
      if (asked.length === 1) throw new Error('no answer');
      return answers[0] ?? 'unknown';
    });

    await expect(gate('Bearer token')).rejects.toThrow('no answer');
    expect(await gate('Bearer token')).toBe('allowed');
  });

  test('asks about four at once at most', async () => {
    const answer = Promise.withResolvers<ScrapeVerdict>();
    const { gate, asked } = setUp(() => answer.promise);
    const first = ['a', 'b', 'c', 'd'].map(async (token) => gate(`Bearer ${token}`));

    await expect(gate('Bearer e')).rejects.toThrow(GateBusyError);
    answer.resolve('allowed');
    expect(await Promise.all(first)).toEqual(Array(4).fill('allowed'));
    expect(await gate('Bearer e')).toBe('allowed');
    expect(asked).toHaveLength(5);
  });

  test('remembers 64 tokens', async () => {
    const { gate, asked } = setUp(saying('allowed'));
    for (let count = 0; count <= 64; count += 1) await gate(`Bearer ${count}`);

    await gate('Bearer 64');
    expect(asked).toHaveLength(65);
    await gate('Bearer 0');
    expect(asked).toHaveLength(66);
  });
});
