import { loadKubeConfig } from '../kube/config.ts';
import { createLeaderClient } from '../kube/leaderClient.ts';
import { createLeaseClient } from '../kube/lease.ts';
import { checkCluster } from '../kube/preflight.ts';
import { createApiClient, type ApiClient } from '../kube/request.ts';
import { checkSchemas } from '../kube/servedSchemas.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import type { Options } from '../options/options.ts';
import { createLeaderElection, type LeaderElection } from '../runtime/leaderElection.ts';
import { createManager, type ExitReason, type Manager } from '../runtime/manager.ts';
import { version } from '../version.ts';
import { controllerChecks, informerChecks, type HealthCheck } from './health.ts';
import { createInformers, createSources } from './informers.ts';
import { createControllers } from './reconcilers.ts';
import { openServers } from './servers.ts';
import type { System } from './system.ts';

/** For reconciles under way at a stop; a pod has 30 s. */
const graceMs = 15_000;

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
  const config = loadKubeConfig(options.kubeconfig, system.clock);
  const metrics = createMetrics(version, system.clock);
  const api = createApiClient(config, { metrics: metrics.apiServer });
  const sources = createSources(api, options.watchNamespace);
  const { manager, checks } = wire({ options, system, api, metrics, sources });
  const isReady = () => manager.ready();
  const server = await openServers({ options, system, api, metrics, isReady, checks });
  try {
    await checkCluster(Object.values(sources).flat(), config.serverUrl(), signal);
    await checkSchemas({ api, ...system, controllerVersion: version }, signal);
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
  readonly sources: ReturnType<typeof createSources>;
}

function wire(parts: Parts): { manager: Manager; checks: readonly HealthCheck[] } {
  const { system, sources, metrics } = parts;
  const informers = createInformers({ sources, ...system, metrics: metrics.informer });
  const { election } = electionOf(parts);
  const abort = new AbortController();
  const api = createLeaderClient(parts.api, {
    signal: abort.signal,
    isLeading: () => election?.isLeading() ?? true,
  });
  const work = createControllers({ ...parts, api, eventApi: parts.api, informers, abort });
  const manager = createManager({
    informers: Object.values(informers),
    ...work,
    ...(election === undefined ? {} : { election }),
    graceMs,
    ...system,
  });
  const checks = [
    ...informerChecks(Object.values(informers)),
    ...controllerChecks(work.controllers),
  ];
  return { manager, checks };
}

function electionOf({ options, system, api, metrics }: Parts): {
  election?: LeaderElection;
} {
  if (!options.leaderElect) {
    metrics.leader.leading(true);
    return {};
  }
  const lease = { namespace: options.leaseNamespace, name: options.leaseName };
  const client = createLeaseClient(api, lease);
  // Pods on the host's network share its name, and each is process 1.
  const suffix = system.random().toString(36).slice(2, 10);
  const identity = `${options.instance}_${suffix}`;
  const deps = { client, identity, metrics: metrics.leader, ...system };
  return { election: createLeaderElection(deps) };
}
