import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationPattern, parseDuration } from '../../../src/api/duration.ts';

test.each([
  ['1h', 3_600_000],
  ['1m', 60_000],
  ['90s', 90_000],
  ['1h30m5s', 5_405_000],
  ['0s', 0],
  ['99999h', 359_996_400_000],
])('%s is %i ms', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each(['', '1', '1x', '1d', 'h', '-1h', '1.5h', '1m1h', '1h ', '1h\n', '100000h'])(
  '"%s" is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test('the schema accepts what the parser reads, but for the empty text that a length refuses', () => {
  const texts = fc.stringMatching(/^[0-9hmsd. -]{1,8}$/);
  fc.assert(
    fc.property(texts, (text) => {
      expect(new RegExp(durationPattern).test(text)).toBe(parseDuration(text) !== undefined);
    }),
    { numRuns: 1_000 },
  );
});
