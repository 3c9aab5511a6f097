import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  nextRefresh,
  refreshIntervalMs,
  retryDelayMs,
  validityEndsAt,
} from '../../../src/core/diagnose/schedule.ts';
import { aSpec, versionOne } from './builders.ts';

const hour = 3_600_000;
const times = fc.integer({ min: 0, max: Date.parse('2100-01-01') });
const intervals = fc.integer({ min: 60_000, max: 1_000 * hour });
const keys = fc.uuid();

test.each([
  ['1h by default', undefined, hour],
  ['what the spec says', '1h30m5s', 5_405_000],
  ['at least a minute, whatever is stored', '1s', 60_000],
  ['at least a minute, however it is misspelt', '1x', 60_000],
])('the refresh interval is %s', (_, refreshInterval, expected) => {
  expect(refreshIntervalMs(aSpec(refreshInterval === undefined ? {} : { refreshInterval }))).toBe(
    expected,
  );
});

describe('what was read is right', () => {
  const pinnedKey = `b/${versionOne}`;
  const spec = aSpec({
    data: [
      { dataKey: 'A', secret: { name: 'a' } },
      { dataKey: 'B', secret: { name: 'b', version: versionOne } },
      { dataKey: 'C', secret: { name: 'c' } },
    ],
  });
  const at = (sources: Readonly<Record<string, { expiresOn?: number; supersededAt?: number }>>) => {
    const versions = Object.entries(sources).map(([key, times]) => [
      key,
      { version: 'v', ...times },
    ]);
    const record = {
      render: '',
      vault: '',
      type: 'Opaque',
      syncedAt: 0,
      sources: Object.fromEntries(versions),
    };
    return validityEndsAt(spec, record);
  };

  test.each([
    ['for ever, as far as anybody knows', { a: {}, [pinnedKey]: {}, c: {} }, Infinity],
    ['until a version expires', { a: { expiresOn: 7 } }, 7_000],
    ['until a newer version becomes valid', { a: { expiresOn: 7, supersededAt: 5 } }, 5_000],
    ['until the first of these moments', { a: { expiresOn: 7 }, c: { expiresOn: 6 } }, 6_000],
    ['whatever the dates of what is pinned', { [pinnedKey]: { expiresOn: 7 } }, Infinity],
    ['whatever the dates of what is not used any more', { former: { expiresOn: 7 } }, Infinity],
  ])('%s', (_, sources, expected) => {
    expect(at(sources)).toBe(expected);
  });

  test('for ever when there is no record to say otherwise', () => {
    expect(validityEndsAt(spec, undefined)).toBe(Infinity);
  });
});

describe('the next refresh', () => {
  test('comes after now, and within one interval', () => {
    fc.assert(
      fc.property(times, intervals, keys, (now, intervalMs, key) => {
        const delayMs = nextRefresh(now, intervalMs, key) - now;
        expect(delayMs).toBeGreaterThan(0);
        expect(delayMs).toBeLessThanOrEqual(intervalMs);
      }),
    );
  });

  test('is the same for a process that starts at any moment before it', () => {
    fc.assert(
      fc.property(times, intervals, keys, fc.double({ min: 0, max: 1 }), (now, ms, key, part) => {
        const dueMs = nextRefresh(now, ms, key);
        const restartMs = now + Math.floor((dueMs - now - 1) * (Number.isNaN(part) ? 0 : part));
        expect(nextRefresh(restartMs, ms, key)).toBe(dueMs);
      }),
    );
  });

  test('follows the last one by exactly one interval', () => {
    fc.assert(
      fc.property(times, intervals, keys, (now, intervalMs, key) => {
        const dueMs = nextRefresh(now, intervalMs, key);
        expect(nextRefresh(dueMs, intervalMs, key)).toBe(dueMs + intervalMs);
      }),
    );
  });

  test('spreads what was created together evenly over the interval', () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 10_000; i += 1) {
      const tenth = Math.floor((nextRefresh(0, hour, `uid-${i}`) / hour) * 10);
      tenths[Math.min(tenth, 9)] = (tenths[Math.min(tenth, 9)] ?? 0) + 1;
    }

    // 1,000 each; 150 is five standard deviations.
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});

describe('the delay after failures', () => {
  test('doubles from about a second to about five minutes', () => {
    const delays = Array.from({ length: 12 }, (_, i) => retryDelayMs(i + 1, hour, 'uid-1') / 1_000);
    const full = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300];

    delays.forEach((delay, i) => {
      expect(delay).toBeGreaterThanOrEqual((full[i] ?? 0) / 2);
      expect(delay).toBeLessThanOrEqual(full[i] ?? 0);
    });
  });

  test('never exceeds the refresh interval', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), intervals, keys, (failures, ms, key) => {
        const delayMs = retryDelayMs(failures, ms, key);
        expect(delayMs).toBeGreaterThan(0);
        expect(delayMs).toBeLessThanOrEqual(Math.min(ms, 300_000));
      }),
    );
  });

  test('differs between what failed together', () => {
    const delays = Array.from({ length: 1_000 }, (_, i) => retryDelayMs(10, hour, `uid-${i}`));

    expect(new Set(delays).size).toBeGreaterThan(900);
  });
});
