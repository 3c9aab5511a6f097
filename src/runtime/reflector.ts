import type {
  KubeObject,
  ListPage,
  ListRequest,
  ResourceSource,
  WatchEvent,
} from '../ports/kube.ts';
import type { InformerMetrics } from '../ports/metrics.ts';
import type { Clock, Log, Random } from '../ports/system.ts';
import type { Backoff } from './backoff.ts';
import { linkedAbort, pause, withDeadline } from './deadline.ts';
import { errorFields } from './errorFields.ts';
import { Progress } from './progress.ts';
import { isOlder } from './resourceVersion.ts';
import type { ReflectorSink } from './reflectorSink.ts';
import { WatchFailures } from './watchFailures.ts';

export interface ReflectorTimings {
  /** Objects a page; default 500. */
  readonly pageSize: number;
  /**
   * After a watch that says nothing for so long all is listed anew, and a page that does not come is given up,
   * milliseconds; default 3 minutes. The API server sends bookmarks every minute.
   */
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

/** Keeps a sink in step with one resource type until its signal is aborted. */
export interface Reflector {
  run(signal: AbortSignal): Promise<void>;
  /** Milliseconds since a page, an event or a bookmark last came, or a try failed; 0 before it runs. */
  idleMs(): number;
}

export function createReflector<T extends KubeObject>(deps: ReflectorDeps<T>): Reflector {
  return new ListWatch(deps);
}

class ListWatch<T extends KubeObject> implements Reflector {
  readonly #deps: ReflectorDeps<T>;
  readonly #timings: ReflectorTimings;
  readonly #failures: WatchFailures;
  readonly #progress: Progress;
  /** Where to resume the watch; `undefined`: list first. */
  #resourceVersion: string | undefined;
  #hasListed = false;

  constructor(deps: ReflectorDeps<T>) {
    this.#deps = deps;
    this.#timings = { ...DEFAULT_TIMINGS, ...deps.timings };
    this.#progress = new Progress(deps.clock);
    this.#failures = new WatchFailures(this.#timings.backoff, deps.random);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#progress.moved();
      const delayMs = await this.#round(signal);
      if (delayMs > 0) await pause(this.#deps.clock, delayMs, signal);
    }
  }

  idleMs(): number {
    return this.#progress.idleMs();
  }

  /** Lists when needed and watches until that ends; returns how long to wait before the next round. */
  async #round(signal: AbortSignal): Promise<number> {
    try {
      if (this.#resourceVersion !== undefined) await this.#probe(this.#resourceVersion, signal);
      this.#resourceVersion ??= await this.#list(signal);
      return await this.#watch(this.#resourceVersion, signal);
    } catch (error) {
      return signal.aborted ? 0 : this.#afterFailure(error);
    }
  }

  /**
   * A resourceVersion that the API server has not reached yet is from before etcd was restored. Its watch would be accepted
   * and leave out every event up to that number: seen on kube-apiserver 1.36.3.
   */
  async #probe(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const now = await this.#page({ limit: 1 }, signal);
    if (isOlder(now.resourceVersion, resourceVersion)) this.#resourceVersion = undefined;
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { source, sink, metrics } = this.#deps;
    const { pageSize: limit } = this.#timings;
    sink.beginList();
    // All pages show the state at the first one's resourceVersion.
    let resourceVersion: string | undefined;
    let token: string | undefined;
    do {
      const at = token === undefined ? { limit } : { limit, continueToken: token };
      const page = await this.#page(at, signal);
      resourceVersion ??= page.resourceVersion;
      sink.page(page.items, resourceVersion);
      for (const unreadable of page.unreadable ?? []) sink.lose(unreadable);
      token = page.continueToken;
    } while (token !== undefined && token !== '');
    sink.endList(resourceVersion);
    this.#failures.listed();
    if (this.#hasListed) metrics.relisted(source.resource);
    this.#hasListed = true;
    return resourceVersion;
  }

  async #page(at: Omit<ListRequest, 'signal'>, signal: AbortSignal): Promise<ListPage<T>> {
    const { source, clock } = this.#deps;
    const { idleTimeoutMs: timeoutMs } = this.#timings;
    const page = await withDeadline({ clock, timeoutMs, signal }, (pageSignal) =>
      source.list({ ...at, signal: pageSignal }),
    );
    this.#progress.moved();
    return page;
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<number> {
    const { source, clock } = this.#deps;
    const startedMs = clock.elapsed();
    signal.throwIfAborted();
    using linked = linkedAbort(signal);
    const giveUp = (): void => {
      this.#resourceVersion = undefined;
      linked.abort(new Error('The watch fell silent'));
    };
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
    return clock.elapsed() - startedMs < SHORT_WATCH_MS ? this.#failures.nextBackoffMs() : 0;
  }

  #hear(event: WatchEvent<T>): void {
    const { source, sink, clock, metrics } = this.#deps;
    this.#progress.moved();
    this.#failures.heard();
    metrics.heard(source.resource, clock.now());
    if (event.type === 'bookmark') {
      this.#resourceVersion = event.resourceVersion;
      return;
    }
    if (event.type === 'unreadable') {
      sink.lose(event.object);
      this.#resourceVersion = event.object.resourceVersion ?? this.#resourceVersion;
      return;
    }
    sink.change(event);
    this.#resourceVersion = event.object.metadata.resourceVersion;
  }

  #afterFailure(error: unknown): number {
    this.#progress.moved();
    const { delayMs, relist } = this.#failures.after(error);
    if (relist) this.#resourceVersion = undefined;
    const { log, source } = this.#deps;
    const fields = { resource: source.resource, delayMs: Math.round(delayMs) };
    const relists = this.#resourceVersion === undefined;
    log.warn('list or watch failed', { ...fields, relists, ...errorFields(error) });
    return delayMs;
  }
}
