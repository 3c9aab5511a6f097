/** Higher goes first; other numbers are allowed too. */
export const PRIORITY = {
  high: 100,
  normal: 0,
  resync: -100,
  /** What failed: behind the first tries of all others. */
  retry: -200,
} as const;

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
 * ready keys the highest priority goes first; of equal priorities the namespaces take turns, each with its
 * keys in the order they became ready; one in eight keys handed out is of a lower priority, while one waits there.
 * Delays are durations: no step of the wall clock changes them.
 */
export interface Workqueue {
  /** Keys that could be handed out now. */
  readonly depth: number;
  add(key: string, options?: AddOptions): void;
  /** Adds at `PRIORITY.retry`, by default after a delay that doubles with each such call until `forget`. */
  retry(key: string, options?: Pick<AddOptions, 'delayMs'>): void;
  /** Lets the next `retry` of this key begin with the shortest delay again. */
  forget(key: string): void;
  /** The next key; `undefined` once the queue is shut down or the signal is aborted. */
  take(signal: AbortSignal): Promise<string | undefined>;
  /** The priority that a key was taken with, until `done`. */
  priorityOf(key: string): number;
  /** Must follow each key taken, also when the work failed. */
  done(key: string): void;
  /** Milliseconds for which the key that has waited longest is ready, by priority. */
  longestWaits(): ReadonlyMap<number, number>;
  /** Drops waiting keys and refuses new ones; keys being processed may finish. */
  shutDown(): void;
  /** Resolves when the queue is shut down and no key is being processed. */
  drained(): Promise<void>;
}
