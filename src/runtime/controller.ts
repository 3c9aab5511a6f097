import type { ErrorAction, ErrorPolicy, Reconcile, ReconcileResult } from '../ports/controller.ts';
import type { ControllerMetrics, ReconcileOutcome } from '../ports/metrics.ts';
import type { Clock, Log, Random } from '../ports/system.ts';
import { PRIORITY, type Workqueue } from '../ports/workqueue.ts';
import { endsWithin } from './deadline.ts';
import { errorFields } from './errorFields.ts';
import { type Claim, Slots } from './slots.ts';
import { namespaceOf } from './workqueue.ts';

export interface ControllerDeps {
  readonly name: string;
  readonly queue: Workqueue;
  readonly reconcile: Reconcile;
  readonly errorPolicy: ErrorPolicy;
  /** How many keys are worked on at once. */
  readonly workers: number;
  /** Under which name the key stands in log lines; default `key`. */
  readonly keyField?: string;
  /** Aborted when a stop has waited long enough; may be shared with other controllers and with clients. */
  readonly abort: AbortController;
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
  /** Milliseconds for which the longest of the reconciles under way has run; 0 when there is none. */
  longestRunMs(): number;
}

export function createController(deps: ControllerDeps): Controller {
  return new QueueController(deps);
}

/** Of a key that is not known yet: it gives the slot back at once. */
const next: Claim = { group: '', priority: Infinity };
/** For reconciles to end after their signal was aborted. */
const ABORT_GRACE_MS = 1_000;

class QueueController implements Controller {
  readonly name: string;
  readonly #deps: ControllerDeps;
  readonly #slots: Slots;
  /** When each reconcile under way began, in the order they began. */
  readonly #running = new Map<string, number>();
  #hasStarted = false;
  #isStopping = false;

  constructor(deps: ControllerDeps) {
    this.name = deps.name;
    this.#deps = deps;
    this.#slots = new Slots(deps.workers);
  }

  start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.#dispatch().catch(this.#died);
  }

  async stop({ graceMs }: StopOptions): Promise<boolean> {
    const { queue, log } = this.#deps;
    this.#isStopping = true;
    queue.shutDown();
    if (graceMs > 0 && (await this.#drainedWithin(graceMs))) return true;
    this.#deps.abort.abort(new Error('The controller stops'));
    if (await this.#drainedWithin(ABORT_GRACE_MS)) return true;
    log.error('reconciles ignore the stop', {
      controller: this.name,
      running: this.#running.size,
    });
    return false;
  }

  longestRunMs(): number {
    for (const startedMs of this.#running.values()) return this.#deps.clock.elapsed() - startedMs;
    return 0;
  }

  #drainedWithin(timeoutMs: number): Promise<boolean> {
    return endsWithin(this.#deps.clock, timeoutMs, this.#deps.queue.drained());
  }

  async #dispatch(): Promise<void> {
    const { queue } = this.#deps;
    const { signal } = this.#deps.abort;
    for (;;) {
      // Not kept while the queue is empty: work that resumes may need it.
      await this.#slots.acquire(next);
      this.#slots.release();
      const key = await queue.take(signal);
      if (key === undefined) return;
      await this.#slots.acquire(this.#claimOf(key));
      if (this.#isStopping) this.#end(key);
      else this.#work(key).catch(this.#died);
    }
  }

  readonly #died = (error: unknown): void =>
    this.#deps.log.error('a worker died', { controller: this.name, ...errorFields(error) });

  async #work(key: string): Promise<void> {
    this.#running.set(key, this.#deps.clock.elapsed());
    this.#reportActive();
    try {
      await this.#reconcile(key);
    } finally {
      this.#running.delete(key);
      this.#reportActive();
      this.#end(key);
    }
  }

  #claimOf(key: string): Claim {
    return { group: namespaceOf(key), priority: this.#deps.queue.priorityOf(key) };
  }

  #end(key: string): void {
    this.#slots.release();
    this.#deps.queue.done(key);
  }

  async #reconcile(key: string): Promise<void> {
    const { clock, metrics, queue } = this.#deps;
    const startedMs = clock.elapsed();
    const log = this.#childLog(key);
    const count = (outcome: ReconcileOutcome): void =>
      metrics.reconciled(outcome, (clock.elapsed() - startedMs) / 1_000);
    const { signal } = this.#deps.abort;
    const priority = queue.priorityOf(key);
    try {
      const offWorker = async <T>(work: Promise<T>): Promise<T> =>
        this.#slots.without(this.#claimOf(key), work, () => this.#reportActive());
      const result = await this.#deps.reconcile(key, { signal, log, priority, offWorker });
      count(this.#requeue(key, result));
    } catch (error) {
      if (signal.aborted) return log.info('reconcile interrupted by the stop');
      count('error');
      this.#afterError(key, error, log);
    }
  }

  #reportActive(): void {
    this.#deps.metrics.active(this.#running.size - this.#slots.off);
  }

  #requeue(key: string, result: ReconcileResult): ReconcileOutcome {
    const { queue } = this.#deps;
    const { requeueAfterMs: delayMs, isUnfinished = false } = result;
    if (!isUnfinished) queue.forget(key);
    if (delayMs === undefined) return 'success';
    queue.add(key, { delayMs, priority: PRIORITY.resync });
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
