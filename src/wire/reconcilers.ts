import { namespacedName } from '../core/namespacedName.ts';
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
import type { LentReads } from '../reconcilers/lentReads.ts';
import { createClusterCache } from '../reconcilers/clusterCache.ts';
import { createOtherControllers } from '../reconcilers/otherControllers.ts';
import { createMemories } from '../reconcilers/memories.ts';
import type { Urgency } from '../reconcilers/triggers.ts';
import { createVaultSecretReconciler } from '../reconcilers/vaultSecret.ts';
import { createGate } from '../keyvault/gate.ts';
import { createAfterBurst } from '../runtime/afterBurst.ts';
import type { Reconcile } from '../ports/controller.ts';
import { createClockSteps } from '../runtime/clockSteps.ts';
import type { Controller } from '../runtime/controller.ts';
import type { Part } from '../runtime/manager.ts';
import { createLanes, type HostLanes } from '../runtime/lanes.ts';
import { createRecorder } from '../runtime/recorder.ts';
import { PRIORITY, type Workqueue } from '../ports/workqueue.ts';
import { connectionReader, createConnectionControllers } from './connections.ts';
import { controllerOf, createQueue, type ControllerParts } from './controllerParts.ts';
import { onTriggers } from './informers.ts';
import { latenessOf } from './lateness.ts';
import { createSourceReaders, type SourceReaders } from './keyVault.ts';

const priorities: Readonly<Record<Urgency, number>> = {
  edit: PRIORITY.high,
  change: PRIORITY.normal,
  start: PRIORITY.resync,
};

/** What the manager starts and stops. */
export interface Work {
  readonly controllers: readonly Controller[];
  readonly leaderParts: readonly Part[];
  /** End after the controllers. */
  readonly parts: readonly Part[];
}

export function createControllers(parts: ControllerParts): Work {
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
  const { controllers, lentReads } = createConnectionControllers(parts, cache);
  const { recorder, ...voice } = createVoice(parts);
  const ofVaultSecrets = controllerOf(parts, {
    name: 'vaultsecret',
    keyField: 'vaultSecret',
    queue: vaultSecrets,
    reconcile: vaultSecretReconciler(parts, { cache, lentReads, queue: vaultSecrets, voice }),
    workers: options.maxConcurrentReconciles,
  });
  return {
    controllers: [ofVaultSecrets, ...controllers],
    leaderParts: [clockStepsOf(parts, vaultSecrets)],
    parts: [{ name: 'events', run: async (signal) => recorder.run(signal) }],
  };
}

/** Dates that a VaultSecret waits for are elsewhere after a step. */
function clockStepsOf({ system, informers }: ControllerParts, queue: Workqueue): Part {
  return createClockSteps(system.clock, (stepMs) => {
    system.log.warn('the wall clock was set', { stepMs: Math.round(stepMs) });
    for (const { body } of informers.vaultSecrets.list())
      queue.add(namespacedName(body), { priority: PRIORITY.resync });
  });
}

interface ReconcilerParts {
  readonly cache: ClusterCache;
  readonly lentReads: LentReads;
  readonly queue: Workqueue;
  readonly voice: Omit<ReturnType<typeof createVoice>, 'recorder'>;
}

function vaultSecretReconciler(
  parts: ControllerParts,
  { cache, lentReads, queue, voice }: ReconcilerParts,
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
  const memories = createMemories();
  const lanes = lanesOf(parts, sources, queue);
  metrics.lateness(latenessOf(parts, { queue, lanes, memories }));
  return createVaultSecretReconciler({
    cache,
    lentReads,
    lanes,
    secrets: createSecretClient(api),
    serviceAccounts: createServiceAccountClient(api),
    connections: connectionReader(parts),
    credentials,
    vaultSecrets: createVaultSecretClient(api),
    ...sources,
    certificateExpiries,
    memories,
    clock: system.clock,
    defaultTenantId: options.azureTenantId,
    homeCloud: options.homeCloud,
    controllerIdentity: options.controllerIdentity,
    metrics: metrics.vaultSecret,
    ...voice,
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
): HostLanes {
  return createLanes({
    clock: system.clock,
    gate: createGate({
      vaults,
      healthOf: (host) => httpClient.healthOf(host),
      workers: options.maxConcurrentReconciles,
    }),
    admitted: (requestKey, priority) => queue.add(requestKey, { priority }),
  });
}

/** By what others know this controller, and see each other. */
function createVoice({ options, system, eventApi, metrics, informers }: ControllerParts) {
  const client = createEventClient(eventApi, options.instance);
  const recorder = createRecorder({ client, ...system });
  const publish = (note: EventNote): void => recorder.record(note);
  const controllerName = `${options.leaseNamespace}/${options.leaseName}`;
  informers.vaultSecrets.onChange(
    createOtherControllers({ controllerName, publish, metrics: metrics.vaultSecret, ...system }),
  );
  return { controllerName, publish, recorder };
}
