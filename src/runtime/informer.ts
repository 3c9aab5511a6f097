import type { KubeObject, ResourceSource } from '../ports/kube.ts';
import type { InformerMetrics } from '../ports/metrics.ts';
import type { Clock, Log, Random } from '../ports/system.ts';
import { errorFields } from './errorFields.ts';
import { type Change, type ChangeHandler, Mirror } from './mirror.ts';
import { createReflector, type ReflectorTimings } from './reflector.ts';
import type { ReflectorSink } from './reflectorSink.ts';
import { type Indexes, type ReadableStore, Store } from './store.ts';
import { UnreadableObjects } from './unreadableObjects.ts';

/**
 * An up-to-date copy of one resource type.
 * Guarantees: a handler sees a store that already holds its change; a relist replaces the content in
 * one step; an object never goes back to an older resourceVersion, unless a relist says so.
 */
export interface Informer<T extends KubeObject> extends ReadableStore<T> {
  readonly resource: string;
  /** Resolves once the first list is in the store and its handlers have run. */
  readonly synced: Promise<void>;
  readonly hasSynced: boolean;
  /** Must be called before `run`; a handler that throws is logged. */
  onChange(handler: ChangeHandler<T>): void;
  /** Takes over the answer to a write of our own. */
  upsert(object: T): void;
  /** Notes that we deleted it and that it is gone, not merely marked as deleted. */
  remove(namespace: string, name: string, uid: string): void;
  /** Milliseconds since the API server last answered or failed to, in the worst part; 0 before it runs. */
  idleMs(): number;
  /** Resolves when the signal is aborted: never before, never with an error. */
  run(signal: AbortSignal): Promise<void>;
}

export interface InformerDeps<T extends KubeObject> {
  readonly source: ResourceSource<T>;
  readonly indexes?: Indexes<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: InformerMetrics;
  readonly timings?: Partial<ReflectorTimings>;
}

export function createInformer<T extends KubeObject>(deps: InformerDeps<T>): Informer<T> {
  const { source, metrics } = deps;
  const store = new Store(deps.indexes);
  const handlers: ChangeHandler<T>[] = [];
  const mirror = new Mirror(store, (change) => {
    notify(handlers, change, deps);
    metrics.objects(source.resource, store.size);
  });
  const { promise: synced, resolve } = Promise.withResolvers<void>();
  let hasSynced = false;
  const sink = sinkOf(mirror, deps, () => {
    metrics.objects(source.resource, store.size);
    hasSynced = true;
    resolve();
  });
  const reflector = createReflector({ ...deps, sink });
  return {
    resource: source.resource,
    synced,
    get hasSynced() {
      return hasSynced;
    },
    get size() {
      return store.size;
    },
    get: (namespace, name) => store.get(namespace, name),
    list: () => store.list(),
    byIndex: (index, value) => store.byIndex(index, value),
    onChange: (handler) => handlers.push(handler),
    upsert: (object) => mirror.upsert(object),
    remove: (namespace, name, uid) => mirror.remove(namespace, name, uid),
    idleMs: () => reflector.idleMs(),
    run: (signal) => reflector.run(signal),
  };
}

/** The mirror, with a word on what cannot be read. */
function sinkOf<T extends KubeObject>(
  mirror: Mirror<T>,
  { source, log, metrics }: InformerDeps<T>,
  onListed: () => void,
): ReflectorSink<T> {
  const unreadable = new UnreadableObjects(source.resource, log, metrics);
  return {
    beginList: () => mirror.beginList(),
    page(objects, resourceVersion) {
      objects.forEach(({ metadata }) => unreadable.read(metadata));
      mirror.page(objects, resourceVersion);
    },
    endList(resourceVersion) {
      mirror.endList(resourceVersion);
      onListed();
    },
    change(event) {
      unreadable.read(event.object.metadata);
      mirror.change(event);
    },
    lose(object) {
      unreadable.met(object);
      mirror.lose(object);
    },
  };
}

function notify<T extends KubeObject>(
  handlers: readonly ChangeHandler<T>[],
  change: Change<T>,
  { log, source }: InformerDeps<T>,
): void {
  for (const handler of handlers) {
    try {
      handler(change);
    } catch (error) {
      const { namespace, name } = change.object.metadata;
      const fields = { resource: source.resource, namespace, name };
      log.error('a change handler failed', { ...fields, ...errorFields(error) });
    }
  }
}
