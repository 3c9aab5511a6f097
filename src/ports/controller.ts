import type { Log } from './system.ts';

export interface ReconcileContext {
  /** Aborted when a stop has waited long enough. */
  readonly signal: AbortSignal;
  /** Carries the key and a reconcileID of its own. */
  readonly log: Log;
  /** The priority that the key was taken with. */
  readonly priority: number;
  /** Waits for work that needs no worker, such as an answer from another host: other keys use the worker meanwhile. */
  readonly offWorker: <T>(work: Promise<T>) => Promise<T>;
}

/** `{}`: nothing to do until something changes. */
export interface ReconcileResult {
  /** Milliseconds until the key is due again. */
  readonly requeueAfterMs?: number;
  /** It goes on later, with another reconcile: failures before it still count. */
  readonly isUnfinished?: boolean;
}

/** Brings the world in line with what the key names. Reads state, never an event; may be repeated at any time. */
export type Reconcile = (key: string, context: ReconcileContext) => Promise<ReconcileResult>;

/** What follows an error. `code`: a word of the error catalogue for the log. */
export type ErrorAction =
  | { readonly action: 'backoff'; readonly code?: string }
  | { readonly action: 'after'; readonly delayMs: number; readonly code?: string }
  | { readonly action: 'awaitChange'; readonly code?: string };

/** Retry policy apart from work: each error to what follows it. */
export type ErrorPolicy = (error: unknown) => ErrorAction;
