import type { Clock, Random } from './ports/system.ts';

/** The real time; the only user of Date.now, performance.now and timers. */
export function createSystemClock(): Clock {
  const schedule = (delayMs: number, callback: () => void): (() => void) => {
    // Node turns longer delays into 1 ms: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
    const timer = setTimeout(callback, Math.min(delayMs, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  };
  return {
    now: () => Date.now(),
    elapsed: () => performance.now(),
    schedule,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const abort = (): void => {
          cancel();
          reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
        };
        const cancel = schedule(delayMs, () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        });
        signal?.addEventListener('abort', abort, { once: true });
      }),
  };
}

export const systemRandom: Random = () => Math.random();

/**
 * Gives unused memory back, where Node was started with --expose-gc as in the image: V8 itself does not in a process
 * that rests. Any other flavor keeps the emptied pages for later: seen with Node 24.21.
 */
export function collectGarbage(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
