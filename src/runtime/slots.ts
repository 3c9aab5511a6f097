/** Reconciles without a slot, for each slot: each costs memory, so there is an end. */
const OFF_SLOT = 32;

/**
 * A number of workers that keys hold while they are worked on.
 * Guarantees: never more in use than there are; of those that wait, the ones that resume go first.
 */
export class Slots {
  readonly #resuming: (() => void)[] = [];
  readonly #starting: (() => void)[] = [];
  readonly #mostOff: number;
  #free: number;
  #off = 0;

  constructor(count: number) {
    this.#free = count;
    this.#mostOff = count * OFF_SLOT;
  }

  /** How many gave their slot up and have not got it back. */
  get off(): number {
    return this.#off;
  }

  /** For a new key. */
  acquire(): Promise<void> {
    return this.#wait(this.#starting);
  }

  /** Gives the slot of the caller to others until `work` has ended; when too many did so already, keeps it. */
  async without<T>(work: Promise<T>, onChange: () => void): Promise<T> {
    if (this.#off >= this.#mostOff) return work;
    this.#off += 1;
    this.release();
    onChange();
    try {
      return await work;
    } finally {
      await this.#wait(this.#resuming);
      this.#off -= 1;
      onChange();
    }
  }

  release(): void {
    const next = this.#resuming.shift() ?? this.#starting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }

  #wait(line: (() => void)[]): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      line.push(resolve);
    });
  }
}
