import type { HostHealth, LaneGate, Running } from '../ports/lanes.ts';
import type { Vaults } from './vaults.ts';

export interface GateDeps {
  readonly vaults: Vaults;
  readonly healthOf: (host: string) => HostHealth;
  /** Of the controller. */
  readonly workers: number;
}

/** Requests of the keys that were admitted; more would only wait for their tokens where they hold memory. */
const mostRequests = 200;
/** For each worker: keys of one host, keys of all hosts, and keys of all hosts from which on each host gets few. */
const perHost = 2;
const together = 30;
const crowded = 16;
/** After this time asking again is worth it: an answer, a failure or silence may have come. */
const askAgainMs = 100;
/** A key that leaves the lane opens it sooner. */
const untilOneLeavesMs = 60_000;

/**
 * Who may ask a host: one key while nothing is known of it, so that a dead host costs one; many once it answers, as fast
 * as the budget of the vault allows; all at once when they fail at once, because then the failure explains itself.
 */
export function createGate({ vaults, healthOf, workers }: GateDeps): LaneGate {
  const mayBegin = (health: HostHealth, { keys, requests }: Running, keysOfAll: number) => {
    if (keys === 0) return true;
    if (health !== 'answering' || requests >= mostRequests) return false;
    return keys < (keysOfAll < workers * crowded ? workers * perHost : Math.max(workers / 8, 1));
  };
  return {
    waitMs(host, running, keysOfAll) {
      const health = healthOf(host);
      if (health === 'down') return 0;
      if (keysOfAll >= workers * together) return askAgainMs;
      if (!mayBegin(health, running, keysOfAll))
        return health === 'answering' ? untilOneLeavesMs : askAgainMs;
      return vaults.of(host).waitMs();
    },
  };
}
