import type { Clock } from '../ports/system.ts';

/** Shows how long something that should always move has not. */
export class Progress {
  readonly #clock: Pick<Clock, 'elapsed'>;
  #movedMs: number | undefined;

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock;
  }

  moved(): void {
    this.#movedMs = this.#clock.elapsed();
  }

  /** 0 before it first moved. */
  idleMs(): number {
    return this.#movedMs === undefined ? 0 : this.#clock.elapsed() - this.#movedMs;
  }
}
