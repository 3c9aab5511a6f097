import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';

import { linkedAbort, withDeadline } from '../../../src/runtime/deadline.ts';
import { createManualClock } from '../../support/manualClock.ts';

test('many requests leave no listener on a signal that lives as long as the process', async () => {
  const { signal } = new AbortController();
  const clock = createManualClock(0);
  for (let i = 0; i < 1_000; i += 1)
    await withDeadline({ clock, timeoutMs: 1_000, signal }, async () => 'answer');
  const failing = withDeadline({ clock, timeoutMs: 1_000, signal }, () =>
    Promise.reject(new Error('x')),
  );
  await expect(failing).rejects.toThrow('x');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(clock.pending).toBe(0);
});

test('a linked abort follows its parent until it is disposed of', () => {
  const parent = new AbortController();
  const kept = linkedAbort(parent.signal);
  {
    using disposed = linkedAbort(parent.signal);
    expect(disposed.signal.aborted).toBe(false);
  }
  expect(getEventListeners(parent.signal, 'abort')).toHaveLength(1);
  parent.abort(new Error('stop'));
  expect(kept.signal.reason).toEqual(new Error('stop'));
});
