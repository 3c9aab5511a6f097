import { FairQueue, type Waiting } from './fairQueue.ts';

/** Reconciles without a slot, for each slot: each costs memory, so there is an end. */
const OFF_SLOT = 32;

/** For whom a slot is: as in the workqueue, priorities and groups take turns. */
export interface Claim {
  readonly group: string;
  readonly priority: number;
}

interface Waiter extends Waiting {
  readonly go: () => void;
}

/**
 * A number of workers that keys hold while they are worked on.
 * Guarantees: never more in use than there are; work that begins and work that goes on take turns by group, so that a
 * group whose work goes on all at once delays the others by one turn.
 */
export class Slots {
  readonly #waiting = new FairQueue<Waiter>();
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

  acquire({ group, priority }: Claim): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#waiting.push({ group, priority, sinceMs: 0, go: resolve });
    });
  }

  /** Gives the slot of the caller to others until `work` has ended; when too many did so already, keeps it. */
  async without<T>(claim: Claim, work: Promise<T>, onChange: () => void): Promise<T> {
    if (this.#off >= this.#mostOff) return work;
    this.#off += 1;
    this.release();
    onChange();
    try {
      return await work;
    } finally {
      await this.acquire(claim);
      this.#off -= 1;
      onChange();
    }
  }

  release(): void {
    const next = this.#waiting.take();
    if (next === undefined) this.#free += 1;
    else next.go();
  }
}
