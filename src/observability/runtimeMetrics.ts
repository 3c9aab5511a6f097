import type { Registry } from 'prom-client';
import type {
  ApiServerMetrics,
  ControllerMetrics,
  InformerMetrics,
  LeaderMetrics,
  WorkqueueMetrics,
} from '../ports/metrics.ts';
import { counter, gauge, histogram } from './series.ts';

const byController = ['controller'];
const byQueue = ['name', 'controller'];

/**
 * Names and labels of controller-runtime, so that dashboards for it fit:
 * https://github.com/kubernetes-sigs/controller-runtime/blob/main/pkg/metrics/workqueue.go
 */
export function workqueueMetrics(registry: Registry): (name: string) => WorkqueueMetrics {
  const adds = counter(registry, 'workqueue_adds_total', 'Keys added to the queue.', byQueue);
  const depth = gauge(registry, 'workqueue_depth', 'Keys that wait for a worker.', byQueue);
  const wait = histogram(
    registry,
    'workqueue_queue_duration_seconds',
    'From ready to taken by a worker.',
    byQueue,
  );
  const retries = counter(
    registry,
    'workqueue_retries_total',
    'Keys put back after a failure.',
    byQueue,
  );
  return (name) => {
    for (const total of [adds, retries]) total.labels(name, name).inc(0);
    depth.labels(name, name).set(0);
    return {
      added: () => adds.labels(name, name).inc(),
      depth: (size) => depth.labels(name, name).set(size),
      waited: (seconds) => wait.labels(name, name).observe(seconds),
      retried: () => retries.labels(name, name).inc(),
    };
  };
}

/** https://github.com/kubernetes-sigs/controller-runtime/blob/main/pkg/internal/controller/metrics/metrics.go */
export function controllerMetrics(registry: Registry): (name: string) => ControllerMetrics {
  const total = counter(registry, 'controller_runtime_reconcile_total', 'Reconciles by result.', [
    ...byController,
    'result',
  ]);
  const duration = histogram(
    registry,
    'controller_runtime_reconcile_time_seconds',
    'Length of a reconcile.',
    byController,
  );
  const errors = counter(
    registry,
    'controller_runtime_reconcile_errors_total',
    'Reconciles that failed.',
    byController,
  );
  const active = gauge(
    registry,
    'controller_runtime_active_workers',
    'Reconciles that run now.',
    byController,
  );
  return (name) => {
    for (const result of ['success', 'requeue_after', 'error']) total.labels(name, result).inc(0);
    errors.labels(name).inc(0);
    active.labels(name).set(0);
    return {
      reconciled(outcome, seconds) {
        if (outcome === 'error') errors.labels(name).inc();
        total.labels(name, outcome).inc();
        duration.labels(name).observe(seconds);
      },
      active: (workers) => active.labels(name).set(workers),
    };
  };
}

export function informerMetrics(registry: Registry): InformerMetrics {
  const objects = gauge(registry, 'vaultsecret_informer_objects', 'Objects in memory.', [
    'resource',
  ]);
  const relists = counter(
    registry,
    'vaultsecret_informer_relists_total',
    'Full lists after the first.',
    ['resource'],
  );
  const heard = gauge(
    registry,
    'vaultsecret_informer_last_event_timestamp_seconds',
    'When a watch last said something.',
    ['resource'],
  );
  const unreadable = counter(
    registry,
    'vaultsecret_informer_undecodable_total',
    'Objects in lists and watch events that could not be read and were left out.',
    ['resource'],
  );
  return {
    objects(resource, count) {
      // There before any is met, so that an increase from nothing is seen.
      unreadable.labels(resource).inc(0);
      objects.labels(resource).set(count);
    },
    unreadable: (resource) => unreadable.labels(resource).inc(),
    relisted: (resource) => relists.labels(resource).inc(),
    heard: (resource, atMs) => heard.labels(resource).set(atMs / 1000),
  };
}

/** https://github.com/kubernetes-sigs/controller-runtime/blob/main/pkg/metrics/leaderelection.go */
export function leaderMetrics(registry: Registry): LeaderMetrics {
  const leader = gauge(
    registry,
    'leader_election_master_status',
    '1 while this replica leads, 0 while it stands by.',
    ['name'],
  ).labels('vaultsecret');
  leader.set(0);
  return { leading: (leads) => leader.set(leads ? 1 : 0) };
}

/** https://github.com/kubernetes-sigs/controller-runtime/blob/main/pkg/metrics/client_go_adapter.go */
export function apiServerMetrics(registry: Registry): ApiServerMetrics {
  const requests = counter(
    registry,
    'rest_client_requests_total',
    'Requests to the API server by status, or <error> without an answer.',
    ['code', 'method', 'host'],
  );
  return { requested: (method, code, host) => requests.labels(code, method, host).inc() };
}
