import { z } from 'zod';
import {
  KubeApiError,
  type Lease,
  type LeaseClient,
  type LeaseWrite,
  type ObjectName,
} from '../ports/kube.ts';
import { microTime } from './microTime.ts';
import { ifFound, type ApiClient } from './request.ts';
import { watch } from './watch.ts';

const watchSeconds = 300;

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/ */
const leaseSchema = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  spec: z.object({
    holderIdentity: z.string().default(''),
    leaseDurationSeconds: z.number().default(0),
    leaseTransitions: z.number().default(0),
    renewTime: z.string().default(''),
  }),
});

export function createLeaseClient(api: ApiClient, { namespace, name }: ObjectName): LeaseClient {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const own = `${path}/${name}`;
  const bodyOf = (write: LeaseWrite, resourceVersion?: string) => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace, name, resourceVersion },
    spec: {
      holderIdentity: write.holder,
      leaseDurationSeconds: write.durationSeconds,
      leaseTransitions: write.transitions,
      renewTime: microTime(write.renewTimeMs),
    },
  });

  return {
    get: async (signal) =>
      ifFound(async () => decode(await api.send({ method: 'GET', path: own, signal }))),
    create: async (write, signal) =>
      decode(await api.send({ method: 'POST', path, body: bodyOf(write), signal })),
    update: async (resourceVersion, write, signal) =>
      decode(
        await api.send({ method: 'PUT', path: own, body: bodyOf(write, resourceVersion), signal }),
      ),
    async *watch(resourceVersion, signal) {
      const query = {
        fieldSelector: `metadata.name=${name}`,
        timeoutSeconds: watchSeconds,
        resourceVersion,
      };
      for await (const event of watch(api, { path, query, signal }, decode)) {
        if (event.type === 'deleted') yield undefined;
        else if (event.type === 'unreadable') throw unreadable;
        else if (event.type !== 'bookmark') yield event.object;
      }
    },
  };
}

const unreadable = new KubeApiError({ status: 0, reason: '', message: 'the Lease is not one' });

function decode(raw: unknown): Lease {
  const { metadata, spec } = leaseSchema.parse(raw);
  return {
    resourceVersion: metadata.resourceVersion,
    holder: spec.holderIdentity,
    durationSeconds: spec.leaseDurationSeconds,
    transitions: spec.leaseTransitions,
    renewTime: spec.renewTime,
  };
}
