import { leases, pods, type Pod } from '../testbed/kubeResources.ts';
import { untilObject, untilObjects } from '../testbed/kubeConditions.ts';
import { releaseName, releaseNamespace as namespace } from './release.ts';
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

/** Who holds the lease, once it is not the one that is excluded. */
export async function leader(world: E2eWorld, excluded?: Leader): Promise<Leader> {
  const identity = await untilObject(
    world.kube,
    leases,
    { namespace, name: 'vaultsecret' },
    {
      what: 'a leader',
      timeoutMs: 40_000,
      holds: (lease) => {
        const holder = lease?.spec.holderIdentity ?? '';
        return holder !== '' && holder !== excluded?.identity && holder;
      },
    },
  );
  const all = await controllerPods(world);
  const pod = all.find(({ metadata }) => identity.startsWith(metadata.name));
  if (pod === undefined) throw new Error(`the leader ${identity} is none of the pods`);
  return { pod, identity };
}
