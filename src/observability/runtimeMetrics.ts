import type { Registry } from 'prom-client';
import type {
  ControllerMetrics,
  InformerMetrics,
  LeaderMetrics,
  WorkqueueMetrics,
} from '../ports/metrics.ts';
import { counter, gauge, histogram } from './series.ts';

const byController = ['controller'];

export function workqueueMetrics(registry: Registry): (name: string) => WorkqueueMetrics {
  const adds = counter(registry, 'workqueue_adds_total', 'Keys added to the queue.', byController);
  const depth = gauge(registry, 'workqueue_depth', 'Keys that wait for a worker.', byController);
  const wait = histogram(
    registry,
    'workqueue_queue_duration_seconds',
    'From ready to taken by a worker.',
    byController,
  );
  const retries = counter(
    registry,
    'workqueue_retries_total',
    'Keys put back after a failure.',
    byController,
  );
  return (name) => {
    for (const total of [adds, retries]) total.labels(name).inc(0);
    depth.labels(name).set(0);
    return {
      added: () => adds.labels(name).inc(),
      depth: (size) => depth.labels(name).set(size),
      waited: (seconds) => wait.labels(name).observe(seconds),
      retried: () => retries.labels(name).inc(),
    };
  };
}

export function controllerMetrics(registry: Registry): (name: string) => ControllerMetrics {
  const total = counter(registry, 'reconcile_total', 'Reconciles by result.', [
    ...byController,
    'result',
  ]);
  const duration = histogram(
    registry,
    'reconcile_duration_seconds',
    'Length of a reconcile.',
    byController,
  );
  const active = gauge(registry, 'active_workers', 'Reconciles that run now.', byController);
  return (name) => {
    for (const result of ['success', 'requeue_after', 'error']) total.labels(name, result).inc(0);
    active.labels(name).set(0);
    return {
      reconciled(outcome, seconds) {
        total.labels(name, outcome).inc();
        duration.labels(name).observe(seconds);
      },
      active: (workers) => active.labels(name).set(workers),
    };
  };
}

export function informerMetrics(registry: Registry): InformerMetrics {
  const objects = gauge(registry, 'informer_objects', 'Objects in memory.', ['resource']);
  const relists = counter(registry, 'informer_relists_total', 'Full lists after the first.', [
    'resource',
  ]);
  const heard = gauge(
    registry,
    'informer_last_event_timestamp_seconds',
    'When a watch last said something.',
    ['resource'],
  );
  return {
    objects: (resource, count) => objects.labels(resource).set(count),
    relisted: (resource) => relists.labels(resource).inc(),
    heard: (resource, atMs) => heard.labels(resource).set(atMs / 1000),
  };
}

export function leaderMetrics(registry: Registry): LeaderMetrics {
  const leader = gauge(registry, 'leader', '1 while this replica leads.');
  return { leading: (leads) => leader.set(leads ? 1 : 0) };
}
