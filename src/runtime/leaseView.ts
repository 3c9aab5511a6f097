import type { Lease } from '../ports/kube.ts';
import type { Clock } from '../ports/system.ts';

const deleted = 'deleted';

/**
 * Whether the Lease may be taken, as seen from here.
 * A holder is gone when its Lease did not change for its own duration of *our* timer: the times that
 * it wrote are only compared with each other, because the clocks of two hosts differ.
 */
export class LeaseView {
  readonly #clock: Clock;
  /** Cut down to what its holder changes when it renews; `undefined` before the first look. */
  #seen: string | undefined;
  #isFree = false;
  /** Of the last holder. */
  #durationMs = 0;
  #cancelTimer: () => void = () => {};
  #onExpiry: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** No replica holds it, or its holder has not renewed it in time. */
  get isFree(): boolean {
    return this.#isFree;
  }

  /** Calls back when the holder is given up; the last caller only. */
  onExpiry(callback: () => void): void {
    this.#onExpiry = callback;
  }

  observe(lease: Lease | undefined): void {
    if (lease === undefined) return this.#gone();
    const seen = `${lease.holder} ${lease.transitions} ${lease.renewTime}`;
    if (lease.holder === '') return this.#settle(seen, true);
    if (seen === this.#seen) return;
    this.#settle(seen, false);
    this.#durationMs = lease.durationSeconds * 1_000;
    this.#expireLater();
  }

  /** A deleted Lease is still held: its holder goes on until it renews, and then creates it again. */
  #gone(): void {
    if (this.#seen === undefined) return this.#settle(undefined, true);
    if (this.#isFree || this.#seen === deleted) return;
    this.#settle(deleted, false);
    this.#expireLater();
  }

  #expireLater(): void {
    this.#cancelTimer = this.#clock.schedule(this.#durationMs, () => {
      this.#isFree = true;
      this.#onExpiry();
    });
  }

  /** Stops its timer. */
  close(): void {
    this.#cancelTimer();
  }

  #settle(seen: string | undefined, isFree: boolean): void {
    this.#cancelTimer();
    this.#seen = seen;
    this.#isFree = isFree;
  }
}
