import type { Clock } from '../ports/system.ts';
import { Heap, type HeapNode } from './heap.ts';

export interface Timed extends HeapNode {
  /** Milliseconds of `Clock.elapsed`. */
  atMs: number;
  /** Decides between equal times: the lower first. */
  order: number;
}

/** By so much the sum of a time and a delay, both with fractions, may miss the time that it stands for. */
const ROUNDING_MS = 1e-3;

/** Nodes that wait for their time, with a single timer for the earliest of them. */
export class Alarm<N extends Timed> {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  readonly #nodes = new Heap<N>(
    (a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order),
  );
  /** After `arm`, never later than the earliest node. */
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
    return first !== undefined && first.atMs <= nowMs + ROUNDING_MS ? this.#nodes.pop() : undefined;
  }

  /** A timer that fires early, as those beyond the longest of Node do, is set again; so only an earlier one replaces it. */
  arm(nowMs: number): void {
    const first = this.#nodes.peek();
    if (first === undefined || first.atMs >= this.#timerAtMs) return;
    this.#cancelTimer();
    this.#timerAtMs = first.atMs;
    this.#cancelTimer = this.#clock.schedule(Math.max(0, first.atMs - nowMs), () => {
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
