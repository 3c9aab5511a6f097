const windowSeconds = 10;

/**
 * Counts a vault's transactions over a sliding window: the current whole second of the clock and the nine before it.
 * All of them may come at once. A refused request does not count: "Failed requests that return a 429 do not count
 * towards the throttle limits" (https://learn.microsoft.com/azure/key-vault/general/overview-throttling).
 */
export interface TransactionBudget {
  /** Takes one transaction, or answers false where the window is full. */
  take(nowMs: number, limit: number): boolean;
}

export function createTransactionBudget(): TransactionBudget {
  const counts = Array.from({ length: windowSeconds }, () => 0);
  let current = 0;
  let sum = 0;

  function moveTo(second: number): void {
    const steps = Math.min(second - current, windowSeconds);
    for (let step = 1; step <= steps; step += 1) {
      const slot = (current + step) % windowSeconds;
      sum -= counts[slot] ?? 0;
      counts[slot] = 0;
    }
    current = Math.max(current, second);
  }

  return {
    take(nowMs, limit) {
      moveTo(Math.floor(nowMs / 1000));
      if (limit > 0 && sum >= limit) return false;
      const slot = current % windowSeconds;
      counts[slot] = (counts[slot] ?? 0) + 1;
      sum += 1;
      return true;
    },
  };
}
