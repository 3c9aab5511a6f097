import type { WorkqueueMetrics } from '../ports/metrics.ts';
import type { Clock, Random } from '../ports/system.ts';
import { Alarm, type Timed } from './alarm.ts';
import { type Backoff, KeyedBackoff } from './backoff.ts';
import { Heap } from './heap.ts';
import { Takers } from './takers.ts';

/** Higher goes first; other numbers are allowed too. */
export const PRIORITY = { high: 100, normal: 0, resync: -100 } as const;

export interface AddOptions {
  /** Default: `PRIORITY.normal`. */
  readonly priority?: number;
  /** Milliseconds before which the key is not handed out; default 0. */
  readonly delayMs?: number;
}

/**
 * Keys to work on.
 * Guarantees: a key is never handed out twice at once; a key added while it is processed is handed
 * out again after `done`; of several adds the highest priority and the earliest time count; among
 * ready keys the highest priority goes first, and equal priorities in the order they became ready.
 */
export interface Workqueue {
  /** Keys that could be handed out now. */
  readonly depth: number;
  add(key: string, options?: AddOptions): void;
  /** Adds, by default at the priority that the key was taken with and after a delay that doubles with each such call until `forget`. */
  retry(key: string, options?: AddOptions): void;
  /** Lets the next `retry` of this key begin with the shortest delay again. */
  forget(key: string): void;
  /** The next key; `undefined` once the queue is shut down or the signal is aborted. */
  take(signal: AbortSignal): Promise<string | undefined>;
  /** Must follow each key taken, also when the work failed. */
  done(key: string): void;
  /** Drops waiting keys and refuses new ones; keys being processed may finish. */
  shutDown(): void;
  /** Resolves when the queue is shut down and no key is being processed. */
  drained(): Promise<void>;
}

export interface WorkqueueDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: WorkqueueMetrics;
  /** For `retry`; default 100 ms to 5 minutes. */
  readonly backoff?: Backoff;
}

export function createWorkqueue(deps: WorkqueueDeps): Workqueue {
  return new PriorityWorkqueue(deps);
}

interface Entry extends Timed {
  readonly key: string;
  state: 'delayed' | 'ready' | 'processing';
  /** While processing: the priority that it was taken with. */
  priority: number;
  /** Only while processing: what was added meanwhile. */
  again?: { priority: number; atMs: number };
}

const DEFAULT_BACKOFF: Backoff = { baseMs: 100, capMs: 300_000 };

class PriorityWorkqueue implements Workqueue {
  readonly #deps: WorkqueueDeps;
  readonly #backoff: KeyedBackoff;
  /** Every key that is delayed, ready or processing; no other. */
  readonly #entries = new Map<string, Entry>();
  /** Exactly the entries whose state is `delayed`; `atMs` is when they become ready. */
  readonly #delayed: Alarm<Entry>;
  /** Exactly the entries whose state is `ready`; `atMs` is since when, `order` in which order. */
  readonly #ready = new Heap<Entry>(
    (a, b) => a.priority > b.priority || (a.priority === b.priority && a.order < b.order),
  );
  /** Between calls nobody waits here unless `#ready` is empty. */
  readonly #takers = new Takers<string>();
  readonly #drained = Promise.withResolvers<void>();
  /** How many entries are in state `processing`. */
  #processing = 0;
  #order = 0;
  #isShutDown = false;

  constructor(deps: WorkqueueDeps) {
    this.#deps = deps;
    this.#backoff = new KeyedBackoff(deps.backoff ?? DEFAULT_BACKOFF, deps.random);
    this.#delayed = new Alarm(deps.clock, () => this.#advance());
  }

  get depth(): number {
    return this.#ready.size;
  }

  add(key: string, { priority = PRIORITY.normal, delayMs = 0 }: AddOptions = {}): void {
    if (this.#isShutDown) return;
    const atMs = this.#deps.clock.now() + Math.max(0, delayMs);
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#insert(key, priority, atMs);
    else this.#merge(entry, priority, atMs);
    this.#advance();
  }

  retry(key: string, options: AddOptions = {}): void {
    if (this.#isShutDown) return;
    this.#deps.metrics.retried();
    const priority = options.priority ?? this.#entries.get(key)?.priority ?? PRIORITY.normal;
    this.add(key, { priority, delayMs: options.delayMs ?? this.#backoff.nextMs(key) });
  }

  forget(key: string): void {
    this.#backoff.forget(key);
  }

  take(signal: AbortSignal): Promise<string | undefined> {
    if (this.#isShutDown || signal.aborted) return Promise.resolve(undefined);
    const key = this.#handOut();
    return key === undefined ? this.#takers.wait(signal) : Promise.resolve(key);
  }

  done(key: string): void {
    const entry = this.#entries.get(key);
    if (entry?.state !== 'processing') return;
    this.#processing -= 1;
    this.#entries.delete(key);
    if (this.#isShutDown) this.#resolveWhenDrained();
    else if (entry.again !== undefined) {
      this.#insert(key, entry.again.priority, entry.again.atMs);
      this.#advance();
    }
  }

  shutDown(): void {
    this.#isShutDown = true;
    this.#delayed.clear();
    this.#ready.clear();
    this.#backoff.clear();
    for (const [key, { state }] of this.#entries) {
      if (state !== 'processing') this.#entries.delete(key);
    }
    this.#deps.metrics.depth(0);
    this.#takers.dismiss();
    this.#resolveWhenDrained();
  }

  drained(): Promise<void> {
    return this.#drained.promise;
  }

  #insert(key: string, priority: number, atMs: number): void {
    const order = this.#order++;
    const entry: Entry = { key, state: 'delayed', priority, atMs, order, position: -1 };
    this.#entries.set(key, entry);
    this.#delayed.push(entry);
  }

  #merge(entry: Entry, priority: number, atMs: number): void {
    if (entry.state === 'processing') {
      const again = (entry.again ??= { priority, atMs });
      again.priority = Math.max(again.priority, priority);
      again.atMs = Math.min(again.atMs, atMs);
      return;
    }
    entry.priority = Math.max(entry.priority, priority);
    if (entry.state === 'ready') return this.#ready.update(entry);
    entry.atMs = Math.min(entry.atMs, atMs);
    this.#delayed.update(entry);
  }

  /** Makes ready what is due, then serves the takers. */
  #advance(): void {
    const nowMs = this.#deps.clock.now();
    let entry = this.#delayed.takeDue(nowMs);
    for (; entry !== undefined; entry = this.#delayed.takeDue(nowMs)) {
      entry.state = 'ready';
      entry.order = this.#order++;
      this.#ready.push(entry);
      this.#deps.metrics.added();
    }
    this.#deps.metrics.depth(this.#ready.size);
    this.#delayed.arm(nowMs);
    this.#takers.serve(() => this.#handOut());
  }

  #handOut(): string | undefined {
    const entry = this.#ready.pop();
    if (entry === undefined) return undefined;
    entry.state = 'processing';
    this.#processing += 1;
    const { clock, metrics } = this.#deps;
    metrics.waited(Math.max(0, clock.now() - entry.atMs) / 1_000);
    metrics.depth(this.#ready.size);
    return entry.key;
  }

  #resolveWhenDrained(): void {
    if (this.#processing === 0) this.#drained.resolve();
  }
}
