import { surveyFleet } from '../core/status/fleet.ts';
import { createCertificateExpiries } from '../identity/certificateExpiries.ts';
import {
  createClusterVaultConnectionClient,
  createConnectionReader,
  inNamespacesOnly,
} from '../kube/connections.ts';
import { createCredentialClient } from '../kube/credentials.ts';
import { createEventClient } from '../kube/events.ts';
import { createSecretClient } from '../kube/secrets.ts';
import { createServiceAccountClient } from '../kube/serviceAccounts.ts';
import { createServiceAccountTokenClient } from '../kube/serviceAccountTokens.ts';
import type { ApiClient } from '../kube/request.ts';
import { createVaultSecretClient } from '../kube/vaultSecrets.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Options } from '../options/options.ts';
import type { ClusterCache } from '../ports/cache.ts';
import type { ConnectionReader } from '../ports/connections.ts';
import type { EventNote } from '../ports/kube.ts';
import {
  createClusterVaultConnectionReconciler,
  createLentReads,
  type LentReads,
} from '../reconcilers/clusterVaultConnection.ts';
import { createClusterCache } from '../reconcilers/clusterCache.ts';
import { errorPolicy } from '../reconcilers/errorPolicy.ts';
import { createOtherControllers } from '../reconcilers/otherControllers.ts';
import { createMemories } from '../reconcilers/memories.ts';
import type { Urgency } from '../reconcilers/triggers.ts';
import { createVaultSecretReconciler } from '../reconcilers/vaultSecret.ts';
import { createAfterBurst } from '../runtime/afterBurst.ts';
import {
  createController,
  type Controller,
  type ControllerDeps,
  type Reconcile,
} from '../runtime/controller.ts';
import { createRecorder } from '../runtime/recorder.ts';
import { createWorkqueue, PRIORITY, type Workqueue } from '../runtime/workqueue.ts';
import { onTriggers, type Informers } from './informers.ts';
import { createSourceReaders } from './keyVault.ts';
import type { System } from './system.ts';

export interface ControllerParts {
  readonly options: Options;
  readonly system: System;
  readonly api: ApiClient;
  readonly metrics: Metrics;
  readonly informers: Informers;
}

const priorities: Readonly<Record<Urgency, number>> = {
  edit: PRIORITY.high,
  change: PRIORITY.normal,
  start: PRIORITY.resync,
};

export function createControllers(parts: ControllerParts): readonly Controller[] {
  const { options, system, api, informers } = parts;
  const cache = createClusterCache(informers);
  parts.metrics.fleet(() => surveyFleet(informers.vaultSecrets.list().map(({ body }) => body)));
  const vaultSecrets = createQueue(parts, 'vaultsecret');
  onTriggers(informers, ({ requestKey, urgency }) =>
    vaultSecrets.add(requestKey, { priority: priorities[urgency] }),
  );
  // The list of a start and the first sync of many leave more garbage than all that is kept.
  const burst = createAfterBurst(system.clock, system.collectGarbage);
  informers.vaultSecrets.onChange(() => burst.worked());
  const connections = createQueue(parts, 'clustervaultconnection');
  informers.clusterVaultConnections.onChange(({ object, ownWrite }) => {
    if (!ownWrite) connections.add(object.body.name);
  });
  const lentReads = createLentReads((connection) => connections.add(connection));
  return [
    controllerOf(parts, {
      name: 'vaultsecret',
      keyField: 'vaultSecret',
      queue: vaultSecrets,
      reconcile: vaultSecretReconciler(parts, cache, lentReads),
      workers: options.maxConcurrentReconciles,
    }),
    controllerOf(parts, {
      name: 'clustervaultconnection',
      keyField: 'clusterVaultConnection',
      queue: connections,
      reconcile: createClusterVaultConnectionReconciler({
        cache,
        connections: createClusterVaultConnectionClient(api),
        lentReads,
        clock: system.clock,
      }),
      workers: 1,
    }),
  ];
}

type OwnDeps = Pick<ControllerDeps, 'name' | 'keyField' | 'queue' | 'reconcile' | 'workers'>;

function controllerOf({ system, metrics }: ControllerParts, deps: OwnDeps): Controller {
  return createController({
    ...deps,
    errorPolicy,
    metrics: metrics.controller(deps.name),
    ...system,
  });
}

function createQueue({ system, metrics }: ControllerParts, name: string): Workqueue {
  return createWorkqueue({ ...system, metrics: metrics.workqueue(name) });
}

function vaultSecretReconciler(
  parts: ControllerParts,
  cache: ClusterCache,
  lentReads: LentReads,
): Reconcile {
  const { options, system, api, metrics, informers } = parts;
  const certificateExpiries = createCertificateExpiries();
  informers.credentials.onChange(({ type, object }) => {
    if (type === 'deleted') certificateExpiries.forget(object.body.uid);
  });
  metrics.certificates(() =>
    informers.credentials.list().flatMap(({ body }) => certificateExpiries.of(body) ?? []),
  );
  return createVaultSecretReconciler({
    cache,
    lentReads,
    secrets: createSecretClient(api),
    serviceAccounts: createServiceAccountClient(api),
    connections: connectionReader(parts),
    vaultSecrets: createVaultSecretClient(api),
    ...createSourceReaders({
      options,
      ...system,
      metrics,
      serviceAccountTokens: createServiceAccountTokenClient(api),
      credentials: createCredentialClient(api),
      certificateExpiries,
    }),
    certificateExpiries,
    memories: createMemories(),
    clock: system.clock,
    defaultTenantId: options.azureTenantId,
    homeCloud: options.homeCloud,
    controllerIdentity: options.controllerIdentity,
    metrics: metrics.vaultSecret,
    ...createVoice(parts),
  });
}

function connectionReader({ options, api }: ControllerParts): ConnectionReader {
  const reader = createConnectionReader(api);
  return options.watchNamespace.length === 0 ? reader : inNamespacesOnly(reader);
}

/** By what others know this controller, and see each other. */
function createVoice({ options, system, api, informers }: ControllerParts) {
  const recorder = createRecorder({ client: createEventClient(api, options.instance), ...system });
  const publish = (note: EventNote): void => recorder.record(note);
  const controllerName = `${options.leaseNamespace}/${options.leaseName}`;
  informers.vaultSecrets.onChange(createOtherControllers({ controllerName, publish, ...system }));
  return { controllerName, publish };
}
