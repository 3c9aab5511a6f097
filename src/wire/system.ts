import type { Clock, Log, Random } from '../ports/system.ts';

/** What the outside world gives to all parts. */
export interface System {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Gives unused memory back. It stops everything for a tenth of a second. */
  readonly collectGarbage: () => void;
  /** False when there is no such level. */
  readonly setLogLevel: (level: string) => boolean;
}
