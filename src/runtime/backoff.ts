import type { Random } from '../ports/system.ts';

export interface Backoff {
  /** The longest first delay, milliseconds. */
  readonly baseMs: number;
  /** No delay is longer, milliseconds. */
  readonly capMs: number;
}

/** Milliseconds before the next try after `failures` in a row (1 or more): doubled each time, the upper half of it random. */
export function backoffMs(backoff: Backoff, failures: number, random: Random): number {
  const full = Math.min(backoff.capMs, backoff.baseMs * 2 ** (failures - 1));
  return full * (0.5 + random() / 2);
}

/** Delays that grow with the failures in a row of each key. */
export class KeyedBackoff {
  readonly #backoff: Backoff;
  readonly #random: Random;
  /** No zeros: a key without failures is not held. */
  readonly #failures = new Map<string, number>();

  constructor(backoff: Backoff, random: Random) {
    this.#backoff = backoff;
    this.#random = random;
  }

  /** Counts a failure and returns the milliseconds to wait. */
  nextMs(key: string): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    return backoffMs(this.#backoff, failures, this.#random);
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  clear(): void {
    this.#failures.clear();
  }
}
