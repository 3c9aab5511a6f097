import { loadKubeConfig } from '../kube/config.ts';
import { createEventClient } from '../kube/events.ts';
import { createLeaseClient } from '../kube/lease.ts';
import { checkCluster } from '../kube/preflight.ts';
import { createApiClient, type ApiClient } from '../kube/request.ts';
import { createSecretClient } from '../kube/secrets.ts';
import { createServiceAccountTokenClient } from '../kube/serviceAccountTokens.ts';
import { createVaultSecretClient } from '../kube/vaultSecrets.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import { serveObservability } from '../observability/server.ts';
import type { Options } from '../options.ts';
import type { Clock, Log, Random } from '../ports/system.ts';
import { createClusterCache } from '../reconcilers/clusterCache.ts';
import { errorPolicy } from '../reconcilers/errorPolicy.ts';
import { createMemories } from '../reconcilers/memories.ts';
import type { Urgency } from '../reconcilers/triggers.ts';
import { createVaultSecretReconciler } from '../reconcilers/vaultSecret.ts';
import { createController } from '../runtime/controller.ts';
import { createLeaderElection, type LeaderElection } from '../runtime/leaderElection.ts';
import { createManager, type ExitReason, type Manager } from '../runtime/manager.ts';
import { createRecorder } from '../runtime/recorder.ts';
import { createWorkqueue, PRIORITY } from '../runtime/workqueue.ts';
import { version } from '../version.ts';
import { createInformers, onTriggers, type Informers } from './informers.ts';
import { createKeyVaultReader } from './keyVault.ts';

export interface System {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** For reconciles under way at a stop; a pod has 30 s. */
const graceMs = 15_000;
const leaseName = 'vaultsecret';

const priorities: Readonly<Record<Urgency, number>> = {
  edit: PRIORITY.high,
  change: PRIORITY.normal,
  start: PRIORITY.resync,
};

/**
 * Runs the controller until the signal is aborted or it fails.
 * @throws KubeConfigError, ListenError, PreflightError with one line for the user
 */
export async function runController(
  options: Options,
  system: System,
  signal: AbortSignal,
): Promise<ExitReason> {
  const { log } = system;
  const config = loadKubeConfig(options.kubeconfig);
  const api = createApiClient(config);
  const metrics = createMetrics(version);
  const manager = wire({ options, system, api, metrics });
  const server = await serveObservability({
    ...options.listen,
    registry: metrics.registry,
    isHealthy: () => true,
    isReady: () => manager.ready(),
  });
  try {
    await checkCluster(api, config.serverUrl());
    log.info('starting', { version, port: server.port, leaderElect: options.leaderElect });
    return await manager.run(signal);
  } finally {
    await server.close();
  }
}

interface Parts {
  readonly options: Options;
  readonly system: System;
  readonly api: ApiClient;
  readonly metrics: Metrics;
}

function wire(parts: Parts): Manager {
  const { options, system, api, metrics } = parts;
  const informers = createInformers({ api, ...system, metrics: metrics.informer });
  const queue = createWorkqueue({ ...system, metrics: metrics.workqueue });
  onTriggers(informers, ({ requestKey, urgency }) =>
    queue.add(requestKey, { priority: priorities[urgency] }),
  );
  const controller = createController({
    name: 'vaultsecret',
    keyField: 'vaultSecret',
    queue,
    reconcile: createReconcile(parts, informers),
    errorPolicy,
    workers: options.maxConcurrentReconciles,
    metrics: metrics.controller,
    ...system,
  });
  return createManager({
    informers: Object.values(informers),
    controllers: [controller],
    ...electionOf(parts),
    graceMs,
    ...system,
  });
}

function createReconcile({ options, system, api, metrics }: Parts, informers: Informers) {
  const recorder = createRecorder({
    client: createEventClient(api, options.instance),
    ...system,
  });
  return createVaultSecretReconciler({
    cache: createClusterCache(informers),
    secrets: createSecretClient(api),
    vaultSecrets: createVaultSecretClient(api),
    reader: createKeyVaultReader({
      options,
      ...system,
      metrics,
      serviceAccountTokens: createServiceAccountTokenClient(api),
    }),
    memories: createMemories(),
    clock: system.clock,
    defaultTenantId: options.azureTenantId,
    metrics: metrics.vaultSecret,
    publish: (note) => recorder.record(note),
  });
}

function electionOf({ options, system, api, metrics }: Parts): {
  election?: LeaderElection;
} {
  if (!options.leaderElect) {
    metrics.leader.leading(true);
    return {};
  }
  const lease = { namespace: options.leaseNamespace, name: leaseName };
  const client = createLeaseClient(api, lease);
  const deps = { client, identity: options.instance, metrics: metrics.leader, ...system };
  return { election: createLeaderElection(deps) };
}
