/**
 * Key Vault allows 4,000 secret transactions in 10 s for a vault in a region; all other clients of the vault share them.
 * https://learn.microsoft.com/en-us/azure/key-vault/general/service-limits#secrets-managed-storage-account-keys-and-vault-transactions
 * Invariant: burst + 10 s of the full rate stay below it.
 */
const fullRatePerSecond = 360;
const burst = 200;
const slowestRatePerSecond = 1;
const increasePerSecond = 10;
/** Without a Retry-After the pause starts here and doubles; with one it is no shorter, because what was under way comes back too. */
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
const longestRetryAfterMs = 600_000;
/** How long a request may hold its worker: many reads of one VaultSecret must fit in, or none would ever complete. */
const patienceMs = 10_000;
/** The same for a vault that throttles: workers are for the other vaults then. */
const throttledPatienceMs = 1_000;
const longestDeferMs = 60_000;

/** When a request may go: after a wait that was reserved for it, or not before it has asked again. */
export interface Turn {
  readonly kind: 'wait' | 'later';
  readonly ms: number;
}

/** The token bucket of one vault: additive increase, halved when the vault says 429. All times in milliseconds. */
export interface VaultBudget {
  take(now: number): Turn;
  /** When to ask again; each caller is told another time, as fast as the vault allows. */
  defer(now: number): number;
  isPaused(now: number): boolean;
  /** Requests that could go at once. */
  left(now: number): number;
  /** As good as a new one. */
  isFull(now: number): boolean;
  /** The vault answered 429. */
  throttled(now: number, retryAfterMs: number | undefined): void;
  succeeded(now: number): void;
}

export function createVaultBudget(startMs: number): VaultBudget {
  return new TokenBucket(startMs);
}

class TokenBucket implements VaultBudget {
  #ratePerSecond = fullRatePerSecond;
  /** Negative: requests are waiting for the tokens to come. */
  #tokens = burst;
  #countedAt: number;
  #pausedUntil: number;
  #pauseMs = firstPauseMs;
  /** When the last of those that were sent away comes back. */
  #deferredUntil: number;

  constructor(startMs: number) {
    this.#countedAt = startMs;
    this.#pausedUntil = startMs;
    this.#deferredUntil = startMs;
  }

  take(now: number): Turn {
    const ms = this.#waitMs(now);
    const isThrottled = this.#ratePerSecond < fullRatePerSecond || this.isPaused(now);
    if (ms > (isThrottled ? throttledPatienceMs : patienceMs))
      return { kind: 'later', ms: this.defer(now) };
    this.#tokens -= 1;
    return { kind: 'wait', ms };
  }

  defer(now: number): number {
    const next =
      Math.max(this.#deferredUntil, now + this.#waitMs(now)) + 1000 / this.#ratePerSecond;
    this.#deferredUntil = Math.min(next, now + longestDeferMs);
    return this.#deferredUntil - now;
  }

  isPaused(now: number): boolean {
    this.#count(now);
    return now < this.#pausedUntil;
  }

  left(now: number): number {
    return this.isPaused(now) ? 0 : Math.max(Math.floor(this.#tokens), 0);
  }

  isFull(now: number): boolean {
    this.#count(now);
    return this.#tokens === burst && this.#ratePerSecond === fullRatePerSecond;
  }

  throttled(now: number, retryAfterMs: number | undefined): void {
    // Answers to requests sent before the pause began are the same event.
    if (this.isPaused(now)) return;
    this.#ratePerSecond = Math.max(this.#ratePerSecond / 2, slowestRatePerSecond);
    this.#tokens = Math.min(this.#tokens, 1);
    const askedMs = Math.min(retryAfterMs ?? this.#pauseMs, longestRetryAfterMs);
    this.#pausedUntil = now + Math.max(askedMs, firstPauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }

  succeeded(now: number): void {
    if (!this.isPaused(now)) this.#pauseMs = firstPauseMs;
  }

  /** Tokens come only after a pause. */
  #waitMs(now: number): number {
    this.#count(now);
    const missing = Math.max(1 - this.#tokens, 0);
    return Math.max(this.#pausedUntil - now, 0) + (missing / this.#ratePerSecond) * 1000;
  }

  #count(now: number): void {
    if (now < this.#countedAt) this.#setBack(this.#countedAt - now);
    const seconds = Math.max(now - Math.max(this.#countedAt, this.#pausedUntil), 0) / 1000;
    this.#tokens = Math.min(this.#tokens + seconds * this.#ratePerSecond, burst);
    this.#ratePerSecond = Math.min(
      this.#ratePerSecond + seconds * increasePerSecond,
      fullRatePerSecond,
    );
    this.#countedAt = now;
  }

  /** The wall clock went back, and every time that was noted goes with it. */
  #setBack(byMs: number): void {
    this.#countedAt -= byMs;
    this.#pausedUntil -= byMs;
    this.#deferredUntil -= byMs;
  }
}
