import { surveyFleet } from '../core/status/fleet.ts';
import { createCertificateExpiries } from '../identity/certificateExpiries.ts';
import { createCredentialClient } from '../kube/credentials.ts';
import { createEventClient } from '../kube/events.ts';
import { createSecretClient } from '../kube/secrets.ts';
import { createServiceAccountClient } from '../kube/serviceAccounts.ts';
import { createServiceAccountTokenClient } from '../kube/serviceAccountTokens.ts';
import { createVaultSecretClient } from '../kube/vaultSecrets.ts';
import type { ClusterCache } from '../ports/cache.ts';
import type { CertificateExpiries } from '../ports/credentials.ts';
import type { EventNote } from '../ports/kube.ts';
import type { Lanes } from '../ports/lanes.ts';
import type { LentReads } from '../reconcilers/lentReads.ts';
import { createClusterCache } from '../reconcilers/clusterCache.ts';
import { createOtherControllers } from '../reconcilers/otherControllers.ts';
import { createMemories } from '../reconcilers/memories.ts';
import type { Urgency } from '../reconcilers/triggers.ts';
import { createVaultSecretReconciler } from '../reconcilers/vaultSecret.ts';
import { createGate } from '../keyvault/gate.ts';
import { createAfterBurst } from '../runtime/afterBurst.ts';
import type { Reconcile } from '../ports/controller.ts';
import type { Controller } from '../runtime/controller.ts';
import { createLanes } from '../runtime/lanes.ts';
import { createRecorder } from '../runtime/recorder.ts';
import { PRIORITY, type Workqueue } from '../ports/workqueue.ts';
import { connectionReader, createConnectionControllers } from './connections.ts';
import { controllerOf, createQueue, type ControllerParts } from './controllerParts.ts';
import { onTriggers } from './informers.ts';
import { createSourceReaders, type SourceReaders } from './keyVault.ts';

const priorities: Readonly<Record<Urgency, number>> = {
  edit: PRIORITY.high,
  change: PRIORITY.normal,
  start: PRIORITY.resync,
};

export function createControllers(parts: ControllerParts): readonly Controller[] {
  const { options, system, informers } = parts;
  const cache = createClusterCache(informers);
  parts.metrics.fleet(() => surveyFleet(informers.vaultSecrets.list().map(({ body }) => body)));
  const vaultSecrets = createQueue(parts, 'vaultsecret');
  onTriggers(informers, ({ requestKey, urgency }) =>
    vaultSecrets.add(requestKey, { priority: priorities[urgency] }),
  );
  // The list of a start and the first sync of many leave more garbage than all that is kept.
  const burst = createAfterBurst(system.clock, system.collectGarbage);
  informers.vaultSecrets.onChange(() => burst.worked());
  const connections = createConnectionControllers(parts, cache);
  return [
    controllerOf(parts, {
      name: 'vaultsecret',
      keyField: 'vaultSecret',
      queue: vaultSecrets,
      reconcile: vaultSecretReconciler(parts, cache, {
        lentReads: connections.lentReads,
        queue: vaultSecrets,
      }),
      workers: options.maxConcurrentReconciles,
    }),
    ...connections.controllers,
  ];
}

function vaultSecretReconciler(
  parts: ControllerParts,
  cache: ClusterCache,
  { lentReads, queue }: { readonly lentReads: LentReads; readonly queue: Workqueue },
): Reconcile {
  const { options, system, api, metrics } = parts;
  const credentials = createCredentialClient(api);
  const certificateExpiries = certificateExpiriesOf(parts);
  const sources = createSourceReaders({
    options,
    ...system,
    metrics,
    serviceAccountTokens: createServiceAccountTokenClient(api),
    credentials,
    certificateExpiries,
  });
  return createVaultSecretReconciler({
    cache,
    lentReads,
    lanes: lanesOf(parts, sources, queue),
    secrets: createSecretClient(api),
    serviceAccounts: createServiceAccountClient(api),
    connections: connectionReader(parts),
    credentials,
    vaultSecrets: createVaultSecretClient(api),
    ...sources,
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

function certificateExpiriesOf({ metrics, informers }: ControllerParts): CertificateExpiries {
  const certificateExpiries = createCertificateExpiries();
  informers.credentials.onChange(({ type, object }) => {
    if (type === 'deleted') certificateExpiries.forget(object.body.uid);
  });
  metrics.certificates(() =>
    informers.credentials.list().flatMap(({ body }) => certificateExpiries.of(body) ?? []),
  );
  return certificateExpiries;
}

function lanesOf(
  { options, system }: ControllerParts,
  { vaults, httpClient }: SourceReaders,
  queue: Workqueue,
): Lanes {
  return createLanes({
    clock: system.clock,
    gate: createGate({
      vaults,
      healthOf: (host) => httpClient.healthOf(host),
      workers: options.maxConcurrentReconciles,
    }),
    admitted: (requestKey) => queue.add(requestKey, { priority: PRIORITY.admitted }),
  });
}

/** By what others know this controller, and see each other. */
function createVoice({ options, system, api, metrics, informers }: ControllerParts) {
  const recorder = createRecorder({ client: createEventClient(api, options.instance), ...system });
  const publish = (note: EventNote): void => recorder.record(note);
  const controllerName = `${options.leaseNamespace}/${options.leaseName}`;
  informers.vaultSecrets.onChange(
    createOtherControllers({ controllerName, publish, metrics: metrics.vaultSecret, ...system }),
  );
  return { controllerName, publish };
}
