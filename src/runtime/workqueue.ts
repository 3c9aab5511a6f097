import type { WorkqueueMetrics } from '../ports/metrics.ts';
import type { Clock, Random } from '../ports/system.ts';
import { PRIORITY, type AddOptions, type Workqueue } from '../ports/workqueue.ts';
import { Alarm, type Timed } from './alarm.ts';
import { type Backoff, KeyedBackoff } from './backoff.ts';
import { FairQueue, type Waiting } from './fairQueue.ts';
import { Takers } from './takers.ts';

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

interface Entry extends Timed, Waiting {
  readonly key: string;
  state: 'delayed' | 'ready' | 'processing';
  /** While processing: the priority that it was taken with. */
  priority: number;
  sinceMs: number;
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
  /** Exactly the entries whose state is `ready`. */
  readonly #ready = new FairQueue<Entry>();
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
    const atMs = this.#deps.clock.elapsed() + Math.max(0, delayMs);
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#insert(key, priority, atMs);
    else this.#merge(entry, priority, atMs);
    this.#advance();
  }

  retry(key: string, { delayMs }: Pick<AddOptions, 'delayMs'> = {}): void {
    if (this.#isShutDown) return;
    this.#deps.metrics.retried();
    this.add(key, { priority: PRIORITY.retry, delayMs: delayMs ?? this.#backoff.nextMs(key) });
  }

  priorityOf(key: string): number {
    return this.#entries.get(key)?.priority ?? PRIORITY.normal;
  }

  longestWaits(): ReadonlyMap<number, number> {
    const nowMs = this.#deps.clock.elapsed();
    return new Map(
      [...this.#ready.oldest()].map(([priority, sinceMs]) => [priority, nowMs - sinceMs]),
    );
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
    const timed = { atMs, order: this.#order++, position: -1 };
    const entry: Entry = {
      key,
      group: namespaceOf(key),
      state: 'delayed',
      priority,
      sinceMs: atMs,
      ...timed,
    };
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
    if (entry.state === 'ready') return this.#ready.raise(entry, priority);
    entry.priority = Math.max(entry.priority, priority);
    entry.atMs = Math.min(entry.atMs, atMs);
    this.#delayed.update(entry);
  }

  /** Makes ready what is due, then serves the takers. */
  #advance(): void {
    const nowMs = this.#deps.clock.elapsed();
    let entry = this.#delayed.takeDue(nowMs);
    for (; entry !== undefined; entry = this.#delayed.takeDue(nowMs)) {
      entry.state = 'ready';
      entry.sinceMs = nowMs;
      this.#ready.push(entry);
      this.#deps.metrics.added();
    }
    this.#deps.metrics.depth(this.#ready.size);
    this.#delayed.arm(nowMs);
    this.#takers.serve(() => this.#handOut());
  }

  #handOut(): string | undefined {
    const entry = this.#ready.take();
    if (entry === undefined) return undefined;
    entry.state = 'processing';
    this.#processing += 1;
    const { clock, metrics } = this.#deps;
    metrics.waited((clock.elapsed() - entry.sinceMs) / 1_000);
    metrics.depth(this.#ready.size);
    return entry.key;
  }

  #resolveWhenDrained(): void {
    if (this.#processing === 0) this.#drained.resolve();
  }
}

/** Keys are `namespace/name`, or a name alone. */
export function namespaceOf(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf('/')));
}
