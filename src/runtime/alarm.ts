import type { Clock } from '../ports/system.ts';
import { Heap, type HeapNode } from './heap.ts';

export interface Timed extends HeapNode {
  /** Milliseconds since the Unix epoch. */
  atMs: number;
  /** Decides between equal times: the lower first. */
  order: number;
}

/** A timer takes no notice of a wall clock that is set, nor of the time for which a machine was suspended. */
const LONGEST_TIMER_MS = 60_000;

/** Nodes that wait for their time, with a single timer for the earliest of them. */
export class Alarm<N extends Timed> {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  readonly #nodes = new Heap<N>(
    (a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order),
  );
  /** When the timer fires by the wall clock as it was; after `arm`, never later than the earliest node. */
  #timerAtMs = Infinity;
  #cancelTimer: () => void = () => {};

  /** `onDue` is called when the earliest node may be due; it must take what is due, then call `arm`. */
  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  push(node: N): void {
    this.#nodes.push(node);
  }

  update(node: N): void {
    this.#nodes.update(node);
  }

  takeDue(nowMs: number): N | undefined {
    const first = this.#nodes.peek();
    return first !== undefined && first.atMs <= nowMs ? this.#nodes.pop() : undefined;
  }

  /** A timer that fires before its time re-arms itself, so only an earlier one has to be set; one that is late fires who knows when. */
  arm(nowMs: number): void {
    const first = this.#nodes.peek();
    const isLate = this.#timerAtMs <= nowMs;
    if (first === undefined || (first.atMs >= this.#timerAtMs && !isLate)) return;
    this.#cancelTimer();
    this.#timerAtMs = first.atMs;
    const delayMs = Math.min(Math.max(0, first.atMs - nowMs), LONGEST_TIMER_MS);
    this.#cancelTimer = this.#clock.schedule(delayMs, () => {
      this.#timerAtMs = Infinity;
      this.#onDue();
    });
  }

  clear(): void {
    this.#cancelTimer();
    this.#timerAtMs = Infinity;
    this.#nodes.clear();
  }
}
