import { leases, pods, type Pod } from '../testbed/kubeResources.ts';
import { untilObjects } from '../testbed/kubeConditions.ts';
import { releaseNamespace as namespace } from './ourNamespaces.ts';
import { releaseName } from './release.ts';
import { until } from './until.ts';
import { isReady } from './workload.ts';
import type { E2eWorld } from './world.ts';

const scope = { namespace, labelSelector: `app.kubernetes.io/instance=${releaseName}` };

export async function controllerPods({ kube }: E2eWorld): Promise<Pod[]> {
  return (await kube.list(pods, scope)).items;
}

/** Once these many are ready, and no others are there. */
export function untilReplicas({ kube }: E2eWorld, count: number): Promise<Pod[]> {
  return untilObjects(kube, pods, scope, {
    what: `${count} ready replicas`,
    timeoutMs: 60_000,
    holds: (found) =>
      found.size === count && [...found.values()].every(isReady) && [...found.values()],
  });
}

export interface Leader {
  readonly pod: Pod;
  /** Of the process: a container that starts again in the same pod has another. */
  readonly identity: string;
}

/** Which of the pods holds the lease, once it is not the one that is excluded. One that has gone may hold it a while. */
export function leader(world: E2eWorld, excluded?: Leader): Promise<Leader> {
  return until('a leader', 40_000, async () => {
    const lease = await world.kube.find(leases, { namespace, name: 'vaultsecret' });
    const identity = lease?.spec.holderIdentity ?? '';
    if (identity === '' || identity === excluded?.identity) return undefined;
    const pods = await controllerPods(world);
    const pod = pods.find(({ metadata }) => identity.startsWith(metadata.name));
    return pod && { pod, identity };
  });
}
