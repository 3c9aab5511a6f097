import { EventsV1Api, PatchStrategy, setHeaderOptions, V1MicroTime } from '@kubernetes/client-node';
import type { EventClient } from '../ports/kube.ts';
import type { PooledKubeConfig } from './config.ts';
import { toKubeApiError } from './apiException.ts';

const controllerName = 'vaultsecret.dev/controller';

export function createEventClient(config: PooledKubeConfig, instance: string): EventClient {
  const events = config.makeApiClient(EventsV1Api);
  return {
    async create({ subject, type, reason, action, note }, atMs) {
      const { namespace } = subject;
      const body = {
        metadata: { generateName: `${eventNamePrefix(subject.name)}-`, namespace },
        eventTime: new V1MicroTime(atMs),
        reportingController: controllerName,
        reportingInstance: instance,
        regarding: subject,
        type,
        reason,
        action,
        note,
      };
      const created = await toKubeApiError(events.createNamespacedEvent({ namespace, body }));
      return created.metadata?.name ?? '';
    },

    async repeat(namespace, name, count, atMs) {
      const body = { series: { count, lastObservedTime: new V1MicroTime(atMs) } };
      const headers = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
      await toKubeApiError(events.patchNamespacedEvent({ namespace, name, body }, headers));
    },
  };
}

/** Ends in a dash: kube-apiserver 1.36.3 refuses a generateName that ends in a dot. */
function eventNamePrefix(name: string): string {
  return name.slice(0, 200).replace(/[-.]+$/, '');
}
