import type { Clock, Log, Random } from '../ports/system.ts';

/** What the outside world gives to all parts. */
export interface System {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** False when there is no such level. */
  readonly setLogLevel: (level: string) => boolean;
}
