/**
 * Key Vault allows 4,000 secret transactions in 10 s for a vault in a region; all other clients of the vault share them.
 * https://learn.microsoft.com/en-us/azure/key-vault/general/service-limits#secrets-managed-storage-account-keys-and-vault-transactions
 * Invariant: burst + 10 s of the full rate stay below it.
 */
const fullRatePerSecond = 360;
const burst = 200;
const slowestRatePerSecond = 1;
const increasePerSecond = 10;
/** Without a Retry-After the pause starts here and doubles. */
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

/** The token bucket of one vault: additive increase, halved when the vault says 429. All times in milliseconds. */
export interface VaultBudget {
  /** Takes one request and tells how long it has to wait; undefined when that is longer than `patienceMs`, and nothing is taken. */
  take(now: number, patienceMs: number): number | undefined;
  /** How long from `now` until a request could be taken without waiting. */
  waitMs(now: number): number;
  /** The vault answered 429. */
  throttled(now: number, retryAfterMs: number | undefined): void;
  succeeded(now: number): void;
}

export function createVaultBudget(startMs: number): VaultBudget {
  let rate = fullRatePerSecond;
  /** May be negative: then requests are waiting for the tokens to come. */
  let tokens = burst;
  let countedAt = startMs;
  let pausedUntil = 0;
  let pauseMs = firstPauseMs;

  const count = (now: number): void => {
    const seconds = Math.max(now - countedAt, 0) / 1000;
    tokens = Math.min(tokens + seconds * rate, burst);
    rate = Math.min(rate + seconds * increasePerSecond, fullRatePerSecond);
    countedAt = now;
  };

  const waitMs = (now: number): number => {
    count(now);
    const missing = Math.max(1 - tokens, 0);
    return Math.max((missing / rate) * 1000, pausedUntil - now, 0);
  };

  return {
    waitMs,

    take(now, patienceMs) {
      const wait = waitMs(now);
      if (wait > patienceMs) return undefined;
      tokens -= 1;
      return wait;
    },

    throttled(now, retryAfterMs) {
      count(now);
      // Answers to requests sent before the pause began are the same event.
      if (now < pausedUntil) return;
      rate = Math.max(rate / 2, slowestRatePerSecond);
      tokens = Math.min(tokens, 1);
      pausedUntil = now + (retryAfterMs ?? pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    },

    succeeded(now) {
      if (now >= pausedUntil) pauseMs = firstPauseMs;
    },
  };
}
