import { z } from 'zod';
import type { EventClient } from '../ports/kube.ts';
import { microTime } from './microTime.ts';
import type { ApiClient } from './request.ts';

const controllerName = 'vaultsecret.dev/controller';

const createdSchema = z.object({ metadata: z.object({ name: z.string() }) });

export function createEventClient(api: ApiClient, instance: string): EventClient {
  const pathOf = (namespace: string) => `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
  return {
    async create({ subject, type, reason, action, note }, atMs) {
      const body = {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { generateName: `${namePrefix(subject.name)}-`, namespace: subject.namespace },
        eventTime: microTime(atMs),
        reportingController: controllerName,
        reportingInstance: instance.slice(0, 128),
        regarding: subject,
        type,
        reason,
        action,
        note,
      };
      const path = pathOf(subject.namespace);
      return createdSchema.parse(await api.send({ method: 'POST', path, body })).metadata.name;
    },

    async repeat(namespace, name, count, atMs) {
      await api.send({
        method: 'PATCH',
        path: `${pathOf(namespace)}/${name}`,
        contentType: 'application/merge-patch+json',
        body: { series: { count, lastObservedTime: microTime(atMs) } },
      });
    },
  };
}

/** Ends in a dash: kube-apiserver 1.36.3 refuses a generateName that ends in a dot. */
function namePrefix(name: string): string {
  return name.slice(0, 200).replace(/[-.]+$/, '');
}
