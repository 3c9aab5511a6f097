/**
 * Key Vault allows 4,000 secret transactions in 10 s for a vault in a region; all other clients of the vault share them.
 * https://learn.microsoft.com/en-us/azure/key-vault/general/service-limits#secrets-managed-storage-account-keys-and-vault-transactions
 * Invariant: burst + 10 s of the full rate stay below it.
 */
const fullRatePerSecond = 360;
const burst = 200;
const slowestRatePerSecond = 1;
const increasePerSecond = 10;
/** Without a Retry-After the pause starts here and doubles; with one it is no shorter, because the requests under way come back too. */
const firstPauseMs = 1_000;
/** While a vault still answers some requests: long enough for those under way to come back. */
const partialPauseMs = 250;
const longestPauseMs = 60_000;
const longestRetryAfterMs = 600_000;
/** Milliseconds by which a sum of fractions may miss a whole token. */
const rounding = 1e-6;

/**
 * The token bucket of one vault: additive increase, halved when the vault answers 429.
 * All times are milliseconds of `Clock.elapsed`.
 */
export interface VaultBudget {
  /** Whether a request may go now; then its token is gone. */
  take(now: number): boolean;
  /** Milliseconds until one may go, when no other takes the token before. */
  waitMs(now: number): number;
  /** Milliseconds that are left of a pause; 0 without one. */
  pauseMs(now: number): number;
  /** Requests that could go at once. */
  left(now: number): number;
  /** As good as a new one. */
  isFull(now: number): boolean;
  /** The vault answered 429. `isPartial`: it just answered other requests, so only the rate is too high. */
  throttled(now: number, retryAfterMs: number | undefined, isPartial?: boolean): void;
  succeeded(now: number): void;
}

export function createVaultBudget(startMs: number): VaultBudget {
  return new TokenBucket(startMs);
}

class TokenBucket implements VaultBudget {
  #ratePerSecond = fullRatePerSecond;
  #tokens = burst;
  #countedAt: number;
  #pausedUntil: number;
  #pauseMs = firstPauseMs;

  constructor(startMs: number) {
    this.#countedAt = startMs;
    this.#pausedUntil = startMs;
  }

  take(now: number): boolean {
    if (this.waitMs(now) > 0) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Whole milliseconds, as timers are. */
  waitMs(now: number): number {
    this.#count(now);
    const missing = Math.max(1 - this.#tokens, 0);
    const waitMs = this.pauseMs(now) + (missing / this.#ratePerSecond) * 1000;
    return Math.max(Math.ceil(waitMs - rounding), 0);
  }

  pauseMs(now: number): number {
    return Math.max(this.#pausedUntil - now, 0);
  }

  left(now: number): number {
    this.#count(now);
    return this.pauseMs(now) > 0 ? 0 : Math.floor(this.#tokens);
  }

  isFull(now: number): boolean {
    this.#count(now);
    return this.#tokens === burst && this.#ratePerSecond === fullRatePerSecond;
  }

  throttled(now: number, retryAfterMs: number | undefined, isPartial = false): void {
    // Answers to requests sent before the pause began are the same event.
    if (this.pauseMs(now) > 0) return;
    this.#count(now);
    this.#ratePerSecond = Math.max(this.#ratePerSecond / 2, slowestRatePerSecond);
    this.#tokens = Math.min(this.#tokens, 1);
    if (isPartial && retryAfterMs === undefined) {
      this.#pausedUntil = now + partialPauseMs;
      return;
    }
    const askedMs = Math.min(retryAfterMs ?? this.#pauseMs, longestRetryAfterMs);
    this.#pausedUntil = now + Math.max(askedMs, firstPauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }

  succeeded(now: number): void {
    if (this.pauseMs(now) === 0) this.#pauseMs = firstPauseMs;
  }

  /** Tokens come only after a pause. */
  #count(now: number): void {
    const seconds = Math.max(now - Math.max(this.#countedAt, this.#pausedUntil), 0) / 1000;
    this.#tokens = Math.min(this.#tokens + seconds * this.#ratePerSecond, burst);
    this.#ratePerSecond = Math.min(
      this.#ratePerSecond + seconds * increasePerSecond,
      fullRatePerSecond,
    );
    this.#countedAt = now;
  }
}
