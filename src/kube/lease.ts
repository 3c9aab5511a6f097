import { CoordinationV1Api, V1MicroTime, type V1Lease } from '@kubernetes/client-node';
import { z } from 'zod';
import {
  KubeApiError,
  type Lease,
  type LeaseClient,
  type LeaseWrite,
  type ObjectName,
} from '../ports/kube.ts';
import type { PooledKubeConfig } from './config.ts';
import type { ApiClient } from './request.ts';
import { linesOf } from './resourceSource.ts';
import { toKubeApiError } from './apiException.ts';

const eventSchema = z.object({
  type: z.string(),
  object: z.object({
    metadata: z.object({ resourceVersion: z.string() }),
    spec: z
      .object({
        holderIdentity: z.string().default(''),
        leaseDurationSeconds: z.number().default(0),
        leaseTransitions: z.number().default(0),
        renewTime: z.string().default(''),
      })
      .optional(),
  }),
});

export function createLeaseClient(
  config: PooledKubeConfig,
  api: ApiClient,
  { namespace, name }: ObjectName,
): LeaseClient {
  const leases = config.makeApiClient(CoordinationV1Api);
  const bodyOf = (write: LeaseWrite, resourceVersion?: string): V1Lease => ({
    metadata: { namespace, name, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    spec: {
      holderIdentity: write.holder,
      leaseDurationSeconds: write.durationSeconds,
      leaseTransitions: write.transitions,
      renewTime: new V1MicroTime(write.renewTimeMs),
    },
  });

  return {
    async get() {
      try {
        return decode(await toKubeApiError(leases.readNamespacedLease({ namespace, name })));
      } catch (thrown) {
        if (thrown instanceof KubeApiError && thrown.status === 404) return undefined;
        throw thrown;
      }
    },
    create: async (write) =>
      decode(
        await toKubeApiError(leases.createNamespacedLease({ namespace, body: bodyOf(write) })),
      ),
    update: async (resourceVersion, write) =>
      decode(
        await toKubeApiError(
          leases.replaceNamespacedLease({ namespace, name, body: bodyOf(write, resourceVersion) }),
        ),
      ),
    async *watch(resourceVersion, signal) {
      const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
      const query = {
        watch: true,
        fieldSelector: `metadata.name=${name}`,
        resourceVersion,
        timeoutSeconds: 300,
      };
      for await (const line of linesOf(await api.stream({ method: 'GET', path, query, signal }))) {
        const { type, object } = eventSchema.parse(JSON.parse(line));
        if (type === 'ERROR')
          throw new KubeApiError({
            status: 410,
            reason: 'Expired',
            message: 'the Lease watch ended with an error',
          });
        yield type === 'DELETED' ? undefined : watched(object);
      }
    },
  };
}

function watched({ metadata, spec }: z.infer<typeof eventSchema>['object']): Lease {
  return {
    resourceVersion: metadata.resourceVersion,
    holder: spec?.holderIdentity ?? '',
    durationSeconds: spec?.leaseDurationSeconds ?? 0,
    transitions: spec?.leaseTransitions ?? 0,
    renewTime: spec?.renewTime ?? '',
  };
}

function decode({ metadata, spec }: V1Lease): Lease {
  return {
    resourceVersion: metadata?.resourceVersion ?? '',
    holder: spec?.holderIdentity ?? '',
    durationSeconds: spec?.leaseDurationSeconds ?? 0,
    transitions: spec?.leaseTransitions ?? 0,
    renewTime: spec?.renewTime === undefined ? '' : new Date(spec.renewTime).toISOString(),
  };
}
