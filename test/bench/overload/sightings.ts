import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../../testbed/kubeClient.ts';
import { untilObjects } from '../../testbed/kubeConditions.ts';
import { secrets, type Secret } from '../../testbed/kubeResources.ts';

export interface Sought {
  readonly namespace: string;
  /** The watch ends with so many. */
  readonly count: number;
  /** The watch ends after so long. */
  readonly limitMs: number;
  /** Asked about each state that a watch shows. */
  readonly holds: (secret: Secret) => boolean;
}

/** By the clock of `performance.now`: when a watch first showed each Secret as sought. */
export async function sightings(
  kube: KubeClient,
  { namespace, count, limitMs, holds }: Sought,
): Promise<ReadonlyMap<string, number>> {
  const seenAt = new Map<string, number>();
  const stopped = new AbortController();
  const all = untilObjects(
    kube,
    secrets,
    { namespace },
    {
      what: 'Secrets',
      timeoutMs: limitMs + 5_000,
      holds(objects) {
        for (const secret of objects.values()) {
          const { name } = secret.metadata;
          if (!seenAt.has(name) && holds(secret)) seenAt.set(name, performance.now());
        }
        return seenAt.size >= count;
      },
    },
  );
  // After the limit the rest is not sought: that its watch then ends in an error changes nothing.
  all.catch(() => {});
  const limit = sleep(limitMs, undefined, { signal: stopped.signal }).catch(() => {});
  await Promise.race([all, limit]);
  stopped.abort();
  return new Map(seenAt);
}
