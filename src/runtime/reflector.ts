import {
  KubeApiError,
  type KubeObject,
  type ResourceSource,
  type WatchEvent,
} from '../ports/kube.ts';
import type { InformerMetrics } from '../ports/metrics.ts';
import type { Clock, Log, Random } from '../ports/system.ts';
import { type Backoff, backoffMs } from './backoff.ts';
import { linkedAbort, pause, withDeadline } from './deadline.ts';
import { errorFields } from './errorFields.ts';

export type ObjectEvent<T> = Exclude<WatchEvent<T>, { readonly type: 'bookmark' }>;

/**
 * Where the reflector puts what it reads.
 * Expected flow: `beginList`, `page` for each page, `endList`, then `change`s; `beginList` again
 * may follow at any time, and drops the pages that no `endList` has followed.
 */
export interface ReflectorSink<T> {
  beginList(): void;
  page(objects: readonly T[]): void;
  endList(resourceVersion: string): void;
  change(event: ObjectEvent<T>): void;
}

export interface ReflectorTimings {
  /** Objects a page; default 500. */
  readonly pageSize: number;
  /** A watch that says nothing for so long is given up, a page that does not come too, milliseconds; default 3 minutes. */
  readonly idleTimeoutMs: number;
  /** After a failure; default 0.5 to 30 seconds. */
  readonly backoff: Backoff;
}

export interface ReflectorDeps<T extends KubeObject> {
  readonly source: ResourceSource<T>;
  readonly sink: ReflectorSink<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: InformerMetrics;
  readonly timings?: Partial<ReflectorTimings>;
}

const DEFAULT_TIMINGS: ReflectorTimings = {
  pageSize: 500,
  idleTimeoutMs: 180_000,
  backoff: { baseMs: 500, capMs: 30_000 },
};
/** A watch that ends sooner is no lasting one: resuming at once could become a loop. */
const SHORT_WATCH_MS = 1_000;
/** So many refusals in a row of a resourceVersion that is not called too old: it may be one that the API server does not know (a restored etcd). */
const REFUSALS_BEFORE_RELIST = 5;

/** Keeps a sink in step with one resource type until its signal is aborted. */
export interface Reflector {
  run(signal: AbortSignal): Promise<void>;
}

export function createReflector<T extends KubeObject>(deps: ReflectorDeps<T>): Reflector {
  return new ListWatch(deps);
}

class ListWatch<T extends KubeObject> implements Reflector {
  readonly #deps: ReflectorDeps<T>;
  readonly #timings: ReflectorTimings;
  /** Where to resume the watch; `undefined`: list first. */
  #resourceVersion: string | undefined;
  #hasListed = false;
  /** In a row, since a page or an event last came. */
  #failures = 0;
  /** How often in a row a resourceVersion was too old, since an event last came: lists alone do not end a loop of them. */
  #expired = 0;

  constructor(deps: ReflectorDeps<T>) {
    this.#deps = deps;
    this.#timings = { ...DEFAULT_TIMINGS, ...deps.timings };
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const delayMs = await this.#round(signal);
      if (delayMs > 0) await pause(this.#deps.clock, delayMs, signal);
    }
  }

  /** Lists when needed and watches until that ends; returns how long to wait before the next round. */
  async #round(signal: AbortSignal): Promise<number> {
    try {
      this.#resourceVersion ??= await this.#list(signal);
      return await this.#watch(this.#resourceVersion, signal);
    } catch (error) {
      return signal.aborted ? 0 : this.#afterFailure(error);
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { source, sink, clock, metrics } = this.#deps;
    const { pageSize: limit, idleTimeoutMs: timeoutMs } = this.#timings;
    sink.beginList();
    // All pages show the state at the first one's resourceVersion.
    let resourceVersion: string | undefined;
    let token: string | undefined;
    do {
      const at = token === undefined ? { limit } : { limit, continueToken: token };
      const page = await withDeadline({ clock, timeoutMs, signal }, (pageSignal) =>
        source.list({ ...at, signal: pageSignal }),
      );
      sink.page(page.items);
      resourceVersion ??= page.resourceVersion;
      token = page.continueToken;
    } while (token !== undefined && token !== '');
    sink.endList(resourceVersion);
    this.#failures = 0;
    if (this.#hasListed) metrics.relisted(source.resource);
    this.#hasListed = true;
    return resourceVersion;
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<number> {
    const { source, clock } = this.#deps;
    const startedMs = clock.now();
    signal.throwIfAborted();
    using linked = linkedAbort(signal);
    const giveUp = (): void => linked.abort(new Error('The watch fell silent'));
    let cancel = clock.schedule(this.#timings.idleTimeoutMs, giveUp);
    try {
      for await (const event of source.watch({ resourceVersion, signal: linked.signal })) {
        cancel();
        cancel = clock.schedule(this.#timings.idleTimeoutMs, giveUp);
        this.#hear(event);
      }
    } finally {
      cancel();
    }
    return clock.now() - startedMs < SHORT_WATCH_MS ? this.#nextBackoffMs() : 0;
  }

  #hear(event: WatchEvent<T>): void {
    const { source, sink, clock, metrics } = this.#deps;
    this.#failures = 0;
    this.#expired = 0;
    metrics.heard(source.resource, clock.now());
    if (event.type === 'bookmark') {
      this.#resourceVersion = event.resourceVersion;
      return;
    }
    sink.change(event);
    this.#resourceVersion = event.object.metadata.resourceVersion;
  }

  #afterFailure(error: unknown): number {
    const status = error instanceof KubeApiError ? error.status : 0;
    const delayMs = status === 410 ? this.#afterExpiry() : this.#afterError(error, status);
    const { log, source } = this.#deps;
    const fields = { resource: source.resource, delayMs: Math.round(delayMs) };
    const relists = this.#resourceVersion === undefined;
    log.warn('list or watch failed', { ...fields, relists, ...errorFields(error) });
    return delayMs;
  }

  #afterExpiry(): number {
    this.#resourceVersion = undefined;
    this.#expired += 1;
    if (this.#expired === 1) return 0;
    return backoffMs(this.#timings.backoff, this.#expired - 1, this.#deps.random);
  }

  #afterError(error: unknown, status: number): number {
    const delayMs = this.#nextBackoffMs();
    const refused = status >= 400 && status !== 429;
    if (refused && this.#failures >= REFUSALS_BEFORE_RELIST) this.#resourceVersion = undefined;
    const retryAfterMs = error instanceof KubeApiError ? (error.retryAfterMs ?? 0) : 0;
    return Math.max(retryAfterMs, delayMs);
  }

  #nextBackoffMs(): number {
    this.#failures += 1;
    return backoffMs(this.#timings.backoff, this.#failures, this.#deps.random);
  }
}
