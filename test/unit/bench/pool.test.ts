import { expect, test } from 'vitest';
import { forEachAtOnce } from '../../bench/pool.ts';

test('works on each item once, never on more at once than allowed', async () => {
  const seen: number[] = [];
  let running = 0;
  let most = 0;

  await forEachAtOnce([1, 2, 3, 4, 5], 2, async (item) => {
    most = Math.max(most, (running += 1));
    await Promise.resolve();
    running -= 1;
    seen.push(item);
  });

  expect(seen).toHaveLength(5);
  expect(new Set(seen)).toEqual(new Set([1, 2, 3, 4, 5]));
  expect(most).toBe(2);
});

test('begins nothing more after a failure', async () => {
  const begun: number[] = [];

  const all = forEachAtOnce([1, 2, 3, 4, 5, 6], 2, async (item) => {
    begun.push(item);
    await Promise.resolve();
    if (item === 2) throw new Error('two');
  });

  await expect(all).rejects.toThrow('two');
  expect(begun).toEqual([1, 2, 3]);
});
