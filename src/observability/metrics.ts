import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type {
  ControllerMetrics,
  InformerMetrics,
  KeyVaultMetrics,
  LeaderMetrics,
  TokenMetrics,
  VaultSecretMetrics,
  WorkqueueMetrics,
} from '../ports/metrics.ts';

const durationBuckets = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60];

/** Every metric of the process. Labels are bounded: vault hosts, resources, results and codes, never an object's name. */
export interface Metrics {
  readonly registry: Registry;
  /** Of the controller with this name. */
  workqueue(name: string): WorkqueueMetrics;
  controller(name: string): ControllerMetrics;
  readonly informer: InformerMetrics;
  readonly leader: LeaderMetrics;
  readonly keyVault: KeyVaultMetrics;
  readonly token: TokenMetrics;
  readonly vaultSecret: VaultSecretMetrics;
}

export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  gauge(registry, 'build_info', 'Always 1; the label says which version runs.', ['version'])
    .labels(version)
    .set(1);
  return {
    registry,
    workqueue: workqueueMetrics(registry),
    controller: controllerMetrics(registry),
    informer: informerMetrics(registry),
    leader: leaderMetrics(registry),
    keyVault: keyVaultMetrics(registry),
    token: tokenMetrics(registry),
    vaultSecret: vaultSecretMetrics(registry),
  };
}

const byController = ['controller'];

function workqueueMetrics(registry: Registry): Metrics['workqueue'] {
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

function controllerMetrics(registry: Registry): Metrics['controller'] {
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

function informerMetrics(registry: Registry): InformerMetrics {
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

function leaderMetrics(registry: Registry): LeaderMetrics {
  const leader = gauge(registry, 'leader', '1 while this replica leads.');
  return { leading: (leads) => leader.set(leads ? 1 : 0) };
}

function keyVaultMetrics(registry: Registry): KeyVaultMetrics {
  const labels = ['vault', 'operation'];
  const requests = counter(
    registry,
    'keyvault_requests_total',
    'Requests to Key Vault by outcome.',
    [...labels, 'code'],
  );
  const duration = histogram(
    registry,
    'keyvault_request_duration_seconds',
    'Length of a request to Key Vault.',
    labels,
  );
  const throttled = counter(
    registry,
    'keyvault_throttle_wait_seconds_total',
    "Time spent waiting for a vault's budget.",
    ['vault'],
  );
  return {
    requested(vaultHost, operation, code, seconds) {
      requests.labels(vaultHost, operation, code).inc();
      duration.labels(vaultHost, operation).observe(seconds);
    },
    throttled: (vaultHost, seconds) => throttled.labels(vaultHost).inc(seconds),
  };
}

function tokenMetrics(registry: Registry): TokenMetrics {
  const requests = counter(
    registry,
    'token_requests_total',
    'Token exchanges at Microsoft Entra ID.',
    ['kind', 'result'],
  );
  for (const result of ['success', 'error']) requests.labels('workloadIdentity', result).inc(0);
  return { requested: (kind, result) => requests.labels(kind, result).inc() };
}

function vaultSecretMetrics(registry: Registry): VaultSecretMetrics {
  const repairs = counter(registry, 'drift_repairs_total', 'Foreign changes undone.');
  const writes = counter(registry, 'secret_writes_total', 'Writes of Secrets.', ['operation']);
  const statusWrites = counter(registry, 'status_writes_total', 'Writes of VaultSecret statuses.');
  for (const operation of ['create', 'update', 'delete']) writes.labels(operation).inc(0);
  return {
    driftRepaired: () => repairs.inc(),
    secretWritten: (operation) => writes.labels(operation).inc(),
    statusWritten: () => statusWrites.inc(),
  };
}

const counter = (
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[] = [],
) => new Counter({ name: `vaultsecret_${name}`, help, labelNames, registers: [registry] });

const gauge = (
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[] = [],
) => new Gauge({ name: `vaultsecret_${name}`, help, labelNames, registers: [registry] });

const histogram = (
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[] = [],
) =>
  new Histogram({
    name: `vaultsecret_${name}`,
    help,
    labelNames,
    buckets: durationBuckets,
    registers: [registry],
  });
