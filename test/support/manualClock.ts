import type { Clock } from '../../src/ports/system.ts';

/** Time that only moves when it is told to. */
export interface ManualClock extends Clock {
  /** Timers not yet fired or cancelled. */
  readonly pending: number;
  /** Moves time on, fires what is due in order, and lets promises settle before, between and after. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock only, as a time server does: no timer comes nearer. */
  step(ms: number): void;
  /** Lets everything that does not wait for a timer run to its end. */
  settle(): Promise<void>;
}

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

export function createManualClock(startMs: number): ManualClock {
  /** Time of the timers; the wall clock is this plus `skewMs`. */
  let elapsedMs = 0;
  let skewMs = startMs;
  /** By time; equal times in the order they were scheduled. */
  const timers: Timer[] = [];

  function schedule(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: elapsedMs + Math.max(0, delayMs), callback };
    timers.splice(firstAfter(timers, timer.atMs), 0, timer);
    return () => {
      const index = timers.indexOf(timer);
      if (index >= 0) timers.splice(index, 1);
    };
  }

  function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const giveUp = (): void => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = schedule(delayMs, () => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      });
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  async function advance(ms: number): Promise<void> {
    const endMs = elapsedMs + ms;
    await settle();
    for (let next = timers[0]; next !== undefined && next.atMs <= endMs; next = timers[0]) {
      elapsedMs = next.atMs;
      timers.shift();
      next.callback();
      await settle();
    }
    elapsedMs = endMs;
  }

  return {
    get pending() {
      return timers.length;
    },
    now: () => elapsedMs + skewMs,
    elapsed: () => elapsedMs,
    schedule,
    sleep,
    advance,
    step: (ms) => {
      skewMs += ms;
    },
    settle,
  };
}

/** Where a timer at `atMs` belongs: behind all that are not later. */
function firstAfter(timers: readonly Timer[], atMs: number): number {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timers[middle]?.atMs ?? Infinity) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The event loop turns only once no promise is left to run. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
