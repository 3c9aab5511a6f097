import { describe, expect, test } from 'vitest';
import { longestRetryAfterMs, retryAfterMs } from '../../../src/ports/retryAfter.ts';

const now = Date.parse('2026-11-25T12:00:00Z');

describe('a Retry-After header', () => {
  test.each([
    ['0', 0],
    ['7', 7_000],
    [' 7 ', 7_000],
    ['1.5', 1_500],
    ['300', 300_000],
    ['Wed, 25 Nov 2026 12:00:30 GMT', 30_000],
    ['Wed, 25 Nov 2026 11:59:30 GMT', 0],
  ])('%j asks for %i ms', (text, expected) => {
    expect(retryAfterMs(text, now)).toBe(expected);
  });

  test.each(['301', '86400', '9'.repeat(400), 'Thu, 26 Nov 2026 12:00:00 GMT'])(
    '%j asks for no more than five minutes',
    (text) => {
      expect(retryAfterMs(text, now)).toBe(longestRetryAfterMs);
    },
  );

  test.each(['', ' ', '-1', 'Infinity', 'NaN', '1e9', '0x10', 'soon', 'Wed, 25 Nov', '2026-11-26'])(
    '%j asks for nothing',
    (text) => {
      expect(retryAfterMs(text, now)).toBeUndefined();
    },
  );

  test('asks for nothing by a date that does not exist, or when the time is unknown', () => {
    expect(retryAfterMs('Wed, 99 Nov 2026 12:00:30 GMT', now)).toBeUndefined();
    expect(retryAfterMs('Wed, 25 Nov 2026 12:00:30 GMT', Number.NaN)).toBeUndefined();
  });

  test('asks for nothing when it is absent', () => {
    expect(retryAfterMs(null, now)).toBeUndefined();
    expect(retryAfterMs(undefined, now)).toBeUndefined();
  });
});
