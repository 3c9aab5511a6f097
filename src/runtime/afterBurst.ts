import type { Clock } from '../ports/system.ts';

/** Less work leaves too little to be worth the pause. */
const burstSize = 1_000;
const lookEveryMs = 10_000;
/** So little work between two looks is rest. */
const restSize = 100;

/**
 * Does something once when a burst of work is over. Steady work in small amounts is rest, too. The start is a burst,
 * whatever work it brings: loading leaves 15 MB, a quarter of what a controller with few VaultSecrets has of its own.
 * Guarantees: no timer while there is nothing to wait for.
 */
export interface AfterBurst {
  /** One piece of work was done. */
  worked(): void;
}

export function createAfterBurst(clock: Clock, act: () => void): AfterBurst {
  /** Since the last act. */
  let done = burstSize;
  /** Since the last look. */
  let recent = 0;
  let isWaiting = false;
  const wait = (): void => {
    isWaiting = true;
    clock.schedule(lookEveryMs, look);
  };
  const look = (): void => {
    isWaiting = false;
    const isOver = recent <= restSize;
    recent = 0;
    if (done < burstSize) return;
    if (!isOver) return wait();
    done = 0;
    act();
  };
  wait();
  return {
    worked() {
      done += 1;
      recent += 1;
      if (!isWaiting) wait();
    },
  };
}
