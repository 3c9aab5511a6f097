import type { Clock } from '../ports/system.ts';
import type { Part } from './manager.ts';

/** How often the two times are compared, and how far apart they may run: a time server moves the wall clock bit by bit. */
const LOOK_MS = 30_000;
const STEP_MS = 2_000;

/**
 * Delays are durations, but some were computed from a date: a certificate that expires, a version that becomes valid.
 * When the wall clock is set, or the machine was suspended, those dates come nearer or further away: `onStep` looks at
 * everything again, within 30 s.
 */
export function createClockSteps(clock: Clock, onStep: (stepMs: number) => void): Part {
  return {
    name: 'clock steps',
    async run(signal) {
      let offsetMs = clock.now() - clock.elapsed();
      while (!signal.aborted) {
        await clock.sleep(LOOK_MS, signal);
        const stepMs = clock.now() - clock.elapsed() - offsetMs;
        offsetMs += stepMs;
        if (Math.abs(stepMs) >= STEP_MS) onStep(stepMs);
      }
    },
  };
}
