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
  readonly workqueue: WorkqueueMetrics;
  readonly controller: ControllerMetrics;
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

function workqueueMetrics(registry: Registry): WorkqueueMetrics {
  const adds = counter(registry, 'workqueue_adds_total', 'Keys added to the queue.');
  const depth = gauge(registry, 'workqueue_depth', 'Keys that wait for a worker.');
  const wait = histogram(
    registry,
    'workqueue_queue_duration_seconds',
    'From ready to taken by a worker.',
  );
  const retries = counter(registry, 'workqueue_retries_total', 'Keys put back after a failure.');
  return {
    added: () => adds.inc(),
    depth: (size) => depth.set(size),
    waited: (seconds) => wait.observe(seconds),
    retried: () => retries.inc(),
  };
}

function controllerMetrics(registry: Registry): ControllerMetrics {
  const total = counter(registry, 'reconcile_total', 'Reconciles by result.', ['result']);
  const duration = histogram(registry, 'reconcile_duration_seconds', 'Length of a reconcile.');
  const active = gauge(registry, 'active_workers', 'Reconciles that run now.');
  for (const result of ['success', 'requeue_after', 'error']) total.labels(result).inc(0);
  return {
    reconciled(outcome, seconds) {
      total.labels(outcome).inc();
      duration.observe(seconds);
    },
    active: (workers) => active.set(workers),
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
