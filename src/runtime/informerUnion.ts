import type { KubeObject } from '../ports/kube.ts';
import type { InformerMetrics } from '../ports/metrics.ts';
import type { Informer } from './informer.ts';

/** An informer of one namespace. */
export interface InformerPart<T extends KubeObject> {
  readonly namespace: string;
  readonly informer: Informer<T>;
}

/**
 * One informer for some namespaces; for none it is empty.
 * Guarantees: those of each part; between two namespaces there is no order.
 */
export function createInformerUnion<T extends KubeObject>(
  resource: string,
  parts: readonly InformerPart<T>[],
): Informer<T> {
  const informers = parts.map(({ informer }) => informer);
  const byNamespace = new Map(parts.map(({ namespace, informer }) => [namespace, informer]));
  return {
    resource,
    synced: Promise.all(informers.map(({ synced }) => synced)).then(() => undefined),
    get hasSynced() {
      return informers.every(({ hasSynced }) => hasSynced);
    },
    get size() {
      return informers.reduce((total, { size }) => total + size, 0);
    },
    get: (namespace, name) => byNamespace.get(namespace)?.get(namespace, name),
    list: () => informers.flatMap((informer) => informer.list()),
    byIndex: (index, value) => informers.flatMap((informer) => informer.byIndex(index, value)),
    onChange: (handler) => informers.forEach((informer) => informer.onChange(handler)),
    upsert: (object) => byNamespace.get(object.metadata.namespace)?.upsert(object),
    remove: (namespace, name, uid) => byNamespace.get(namespace)?.remove(namespace, name, uid),
    idleMs: () => Math.max(0, ...informers.map((informer) => informer.idleMs())),
    run: async (signal) => {
      await Promise.all([aborted(signal), ...informers.map((informer) => informer.run(signal))]);
    },
  };
}

/** Series are told by the resource alone: the objects of all namespaces are counted together. */
export function withSummedObjects(metrics: InformerMetrics): () => InformerMetrics {
  const totals = new Map<string, number>();
  return () => {
    const own = new Map<string, number>();
    return {
      ...metrics,
      objects(resource, count) {
        const total = (totals.get(resource) ?? 0) + count - (own.get(resource) ?? 0);
        own.set(resource, count);
        totals.set(resource, total);
        metrics.objects(resource, total);
      },
    };
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
