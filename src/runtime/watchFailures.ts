import { KubeApiError } from '../ports/kube.ts';
import type { Random } from '../ports/system.ts';
import { type Backoff, backoffMs } from './backoff.ts';

/** So many refusals in a row of a resourceVersion that is not called too old: it may be one that the API server does not know. */
const REFUSALS_BEFORE_RELIST = 5;

export interface NextTry {
  readonly delayMs: number;
  /** The resourceVersion cannot be resumed from: list first. */
  readonly relist: boolean;
}

/** What follows a list or a watch that failed. */
export class WatchFailures {
  readonly #backoff: Backoff;
  readonly #random: Random;
  /** In a row, since a list was done or an event came. */
  #failures = 0;
  /** How often in a row a resourceVersion was too old, since an event last came: lists alone do not end a loop of them. */
  #expired = 0;

  constructor(backoff: Backoff, random: Random) {
    this.#backoff = backoff;
    this.#random = random;
  }

  listed(): void {
    this.#failures = 0;
  }

  heard(): void {
    this.#failures = 0;
    this.#expired = 0;
  }

  nextBackoffMs(): number {
    this.#failures += 1;
    return backoffMs(this.#backoff, this.#failures, this.#random);
  }

  after(error: unknown): NextTry {
    const { status, retryAfterMs = 0 } =
      error instanceof KubeApiError ? error : { status: 0, retryAfterMs: 0 };
    if (status === 410) return { delayMs: this.#afterExpiry(), relist: true };
    const delayMs = Math.max(retryAfterMs, this.nextBackoffMs());
    const refused = status >= 400 && status !== 429;
    return { delayMs, relist: refused && this.#failures >= REFUSALS_BEFORE_RELIST };
  }

  #afterExpiry(): number {
    this.#expired += 1;
    if (this.#expired === 1) return 0;
    return backoffMs(this.#backoff, this.#expired - 1, this.#random);
  }
}
