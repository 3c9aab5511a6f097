import type { ControllerMetrics, ReconcileOutcome } from '../ports/metrics.ts';
import type { Clock, Log, Random } from '../ports/system.ts';
import { endsWithin } from './deadline.ts';
import { errorFields } from './errorFields.ts';
import { PRIORITY, type Workqueue } from './workqueue.ts';

export interface ReconcileContext {
  /** Aborted when a stop has waited long enough. */
  readonly signal: AbortSignal;
  /** Carries the key and a reconcileID of its own. */
  readonly log: Log;
}

/** `{}`: nothing to do until something changes. */
export interface ReconcileResult {
  /** Milliseconds until the key is due again. */
  readonly requeueAfterMs?: number;
  /** At which priority it is due again; default `PRIORITY.resync`. */
  readonly priority?: number;
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

export interface ControllerDeps {
  readonly name: string;
  readonly queue: Workqueue;
  readonly reconcile: Reconcile;
  readonly errorPolicy: ErrorPolicy;
  /** How many keys are worked on at once. */
  readonly workers: number;
  /** Under which name the key stands in log lines; default `key`. */
  readonly keyField?: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: ControllerMetrics;
  readonly random: Random;
}

export interface StopOptions {
  /** Milliseconds that running reconciles get before their signal is aborted. */
  readonly graceMs: number;
}

/** Takes keys from a queue and reconciles them. */
export interface Controller {
  readonly name: string;
  start(): void;
  /** Shuts the queue down; resolves with whether every reconcile has ended. */
  stop(options: StopOptions): Promise<boolean>;
}

export function createController(deps: ControllerDeps): Controller {
  return new QueueController(deps);
}

/** For reconciles to end after their signal was aborted. */
const ABORT_GRACE_MS = 1_000;

class QueueController implements Controller {
  readonly name: string;
  readonly #deps: ControllerDeps;
  readonly #abort = new AbortController();
  #hasStarted = false;
  #active = 0;

  constructor(deps: ControllerDeps) {
    this.name = deps.name;
    this.#deps = deps;
  }

  start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    for (let worker = 0; worker < this.#deps.workers; worker += 1) {
      this.#work().catch((error: unknown) => {
        this.#deps.log.error('a worker died', { controller: this.name, ...errorFields(error) });
      });
    }
  }

  async stop({ graceMs }: StopOptions): Promise<boolean> {
    const { queue, log } = this.#deps;
    queue.shutDown();
    if (graceMs > 0 && (await this.#drainedWithin(graceMs))) return true;
    this.#abort.abort(new Error('The controller stops'));
    if (await this.#drainedWithin(ABORT_GRACE_MS)) return true;
    log.error('reconciles ignore the stop', { controller: this.name, running: this.#active });
    return false;
  }

  #drainedWithin(timeoutMs: number): Promise<boolean> {
    return endsWithin(this.#deps.clock, timeoutMs, this.#deps.queue.drained());
  }

  async #work(): Promise<void> {
    const { queue, metrics } = this.#deps;
    const { signal } = this.#abort;
    for (let key = await queue.take(signal); key !== undefined; key = await queue.take(signal)) {
      metrics.active((this.#active += 1));
      try {
        await this.#reconcile(key);
      } finally {
        metrics.active((this.#active -= 1));
        queue.done(key);
      }
    }
  }

  async #reconcile(key: string): Promise<void> {
    const { clock, metrics } = this.#deps;
    const startedMs = clock.now();
    const log = this.#childLog(key);
    const count = (outcome: ReconcileOutcome): void =>
      metrics.reconciled(outcome, Math.max(0, clock.now() - startedMs) / 1_000);
    try {
      const result = await this.#deps.reconcile(key, { signal: this.#abort.signal, log });
      count(this.#requeue(key, result));
    } catch (error) {
      if (this.#abort.signal.aborted) return log.info('reconcile interrupted by the stop');
      count('error');
      this.#afterError(key, error, log);
    }
  }

  #requeue(key: string, result: ReconcileResult): ReconcileOutcome {
    const { queue } = this.#deps;
    const { requeueAfterMs: delayMs, priority = PRIORITY.resync } = result;
    queue.forget(key);
    if (delayMs === undefined) return 'success';
    queue.add(key, { delayMs, priority });
    return 'requeue_after';
  }

  #afterError(key: string, error: unknown, log: Log): void {
    const next = this.#nextFor(error, log);
    const { action, code } = next;
    log.warn('reconcile failed', { action, code, ...errorFields(error) });
    const { queue } = this.#deps;
    if (next.action === 'backoff') queue.retry(key);
    else if (next.action === 'after') queue.retry(key, { delayMs: next.delayMs });
    else queue.forget(key);
  }

  #nextFor(error: unknown, log: Log): ErrorAction {
    try {
      return this.#deps.errorPolicy(error);
    } catch (policyError) {
      log.error('the error policy failed', errorFields(policyError));
      return { action: 'backoff' };
    }
  }

  #childLog(key: string): Log {
    const { log, name, random, keyField = 'key' } = this.#deps;
    const reconcileID = Math.floor(random() * 36 ** 8)
      .toString(36)
      .padStart(8, '0');
    return log.child({ controller: name, [keyField]: key, reconcileID });
  }
}
