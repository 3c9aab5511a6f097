import fc from 'fast-check';
import { expect, test } from 'vitest';

import { PRIORITY, type Workqueue } from '../../../src/ports/workqueue.ts';
import { createWorkqueue } from '../../../src/runtime/workqueue.ts';
import { createManualClock, type ManualClock } from '../../support/manualClock.ts';
import { createQueueFigures, evenRandom } from './fakes.ts';

const never = new AbortController().signal;
const backoff = { baseMs: 16, capMs: 64 };

/** What a key that waits was promised. */
interface Promised {
  priority: number;
  atMs: number;
  /** Since when it is ready, by the model's own count; Infinity before. */
  turn: number;
}

/** The queue said again in the plainest way: a scan over everything for each answer. */
class Model {
  readonly clock: ManualClock = createManualClock(0);
  readonly queue: Workqueue;
  readonly waiting = new Map<string, Promised>();
  readonly processing = new Map<string, { priority: number; again?: Promised }>();
  readonly failures = new Map<string, number>();
  /** By priority and namespace: when its turn came last, or since when it has a key that is ready. */
  readonly turns = new Map<string, number>();
  /** Promises that the queue did not keep. */
  readonly broken: string[] = [];
  #turn = 0;
  #taken = 0;

  constructor() {
    const { clock } = this;
    this.queue = createWorkqueue({
      clock,
      random: evenRandom,
      metrics: createQueueFigures(),
      backoff,
    });
  }

  add(key: string, priority: number, delayMs: number): void {
    const taken = this.processing.get(key);
    const atMs = this.clock.now() + delayMs;
    const before = this.waiting.get(key);
    if (taken === undefined) this.waiting.set(key, merge(before, priority, atMs));
    else taken.again = merge(taken.again, priority, atMs);
    if (before !== undefined && before.turn < Infinity && before.priority < priority)
      this.join(key, { ...before, priority });
    this.promote();
  }

  retryDelayMs(key: string): number {
    const failures = (this.failures.get(key) ?? 0) + 1;
    this.failures.set(key, failures);
    return Math.min(64, 16 * 2 ** (failures - 1)) * 0.75;
  }

  /** In the order of their times, as if the clock had stopped at each of them. */
  promote(): void {
    const due = [...this.waiting.values()]
      .filter((promised) => promised.turn === Infinity && promised.atMs <= this.clock.now())
      .toSorted((a, b) => a.atMs - b.atMs);
    for (const promised of due) {
      for (const [key, other] of this.waiting) if (other === promised) this.join(key, promised);
    }
  }

  /** Behind the other keys of its namespace; a namespace that had none behind the other namespaces. */
  join(key: string, promised: Promised): void {
    this.waiting.set(key, { ...promised, turn: Infinity });
    const line = lineOf(key, promised);
    if (!this.ready().some(([other, at]) => lineOf(other, at) === line))
      this.turns.set(line, this.#turn++);
    this.waiting.set(key, { ...promised, turn: this.#turn++ });
  }

  nextPriority(ready: readonly [string, Promised][]): number {
    const all = [...new Set(ready.map(([, { priority }]) => priority))].toSorted((a, b) => b - a);
    const [highest = NaN, ...lower] = all;
    if (lower.length === 0 || (this.#taken + 1) % 8 !== 0) return highest;
    return lower[Math.floor(this.#taken / 8) % lower.length] ?? NaN;
  }

  ready(): [string, Promised][] {
    return [...this.waiting].filter(([, promised]) => promised.turn < Infinity);
  }

  async take(): Promise<void> {
    const ready = this.ready();
    this.check(this.queue.depth, ready.length, 'depth');
    if (ready.length === 0) return;
    const key = (await this.queue.take(never)) ?? '(none)';
    this.check(this.processing.has(key), false, `${key} handed out while processed`);
    const priority = this.nextPriority(ready);
    const turnOf = ([k, at]: [string, Promised]): number => this.turns.get(lineOf(k, at)) ?? NaN;
    const [best] = ready
      .filter(([, at]) => at.priority === priority)
      .toSorted((a, b) => turnOf(a) - turnOf(b) || a[1].turn - b[1].turn);
    this.check(key, best?.[0], 'next key');
    this.#taken += 1;
    if (best !== undefined) this.turns.set(lineOf(...best), this.#turn++);
    this.processing.set(key, { priority: this.waiting.get(key)?.priority ?? NaN });
    this.waiting.delete(key);
  }

  check(actual: unknown, expected: unknown, what: string): void {
    if (actual !== expected)
      this.broken.push(`${what}: ${String(actual)}, not ${String(expected)}`);
  }

  done(key: string): void {
    const again = this.processing.get(key)?.again;
    this.processing.delete(key);
    if (again !== undefined) this.waiting.set(key, again);
    this.promote();
    this.queue.done(key);
  }
}

function merge(before: Promised | undefined, priority: number, atMs: number): Promised {
  return {
    priority: Math.max(before?.priority ?? -Infinity, priority),
    atMs: Math.min(before?.atMs ?? Infinity, atMs),
    turn: before?.turn ?? Infinity,
  };
}

function lineOf(key: string, { priority }: Promised): string {
  return `${priority}|${key.split('/')[0]}`;
}

const key = fc.constantFrom('n/a', 'n/b', 'n/c', 'm/a', 'm/b', 'k/a');
const priority = fc.constantFrom(-100, 0, 100);
const delayMs = fc.constantFrom(0, 0, 1, 10, 50);

type Step = (model: Model) => void | Promise<void>;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(key, priority, delayMs).map(([k, p, d]): Step => (model) => {
    model.add(k, p, d);
    model.queue.add(k, { priority: p, delayMs: d });
  }),
  fc.constant<Step>((model) => model.take()),
  fc.constant<Step>((model) => model.take()),
  key.map(
    (k): Step =>
      (model) =>
        model.done(k),
  ),
  key.map((k): Step => (model) => {
    model.add(k, PRIORITY.retry, model.retryDelayMs(k));
    model.queue.retry(k);
  }),
  key.map((k): Step => (model) => {
    model.failures.delete(k);
    model.queue.forget(k);
  }),
  fc.integer({ min: 1, max: 40 }).map((ms): Step => async (model) => {
    await model.clock.advance(ms);
    model.promote();
  }),
);

test('keeps its promises in any sequence of calls, and loses no key', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
      const model = new Model();
      for (const run of steps) await run(model);
      await drain(model);
      expect(model.broken).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

/** Whatever was added and is not done must still be handed out. */
async function drain(model: Model): Promise<void> {
  while (model.waiting.size + model.processing.size > 0) {
    for (const taken of model.processing.keys()) model.done(taken);
    await model.clock.advance(100);
    model.promote();
    await model.take();
  }
  model.check(model.queue.depth, 0, 'depth at the end');
}

test('never hands a key to two takers at once', async () => {
  const adds = fc.array(fc.tuple(key, fc.integer({ min: 0, max: 5 })), {
    maxLength: 40,
    size: 'max',
  });
  await fc.assert(
    fc.asyncProperty(adds, fc.integer({ min: 1, max: 4 }), async (added, workers) => {
      const { queue, clock } = new Model();
      const running = new Set<string>();
      const seen = new Set<string>();
      const work = async (): Promise<void> => {
        for (let k = await queue.take(never); k !== undefined; k = await queue.take(never)) {
          expect(running.has(k)).toBe(false);
          running.add(k);
          seen.add(k);
          await clock.sleep(3);
          running.delete(k);
          queue.done(k);
        }
      };
      const all = Promise.all(Array.from({ length: workers }, work));
      for (const [k, ms] of added) {
        queue.add(k);
        await clock.advance(ms);
      }
      await clock.advance(200);
      queue.shutDown();
      await all;
      expect(seen).toEqual(new Set(added.map(([k]) => k)));
    }),
    { numRuns: 100 },
  );
});
