import { z } from 'zod';
import { KubeApiError, type ObjectName } from '../ports/kube.ts';
import type { ApiClient } from './request.ts';

/** A controller as the chart installed it. */
export interface ControllerDeployment extends ObjectName {
  readonly args: readonly string[];
}

const deployment = z.object({
  metadata: z.object({ namespace: z.string(), name: z.string() }),
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.array(z.object({ name: z.string(), args: z.array(z.string()).default([]) })),
      }),
    }),
  }),
});
const deployments = z.object({ items: z.array(deployment) });

/**
 * The one that wrote `status.controller`, because the chart gives a Lease the name of its Deployment; without such a
 * status the only one of the cluster. Undefined where the caller may not see it, or cannot tell which it is.
 */
export async function findController(
  api: ApiClient,
  statusController: string | undefined,
): Promise<ControllerDeployment | undefined> {
  try {
    if (statusController !== undefined) return await byLease(api, statusController);
    const path = '/apis/apps/v1/deployments';
    const query = { labelSelector: 'app.kubernetes.io/name=vaultsecret' };
    const { items } = deployments.parse(await api.send({ method: 'GET', path, query }));
    return items.length === 1 ? items.map(controllerIn)[0] : undefined;
  } catch (thrown) {
    if (thrown instanceof KubeApiError && [403, 404].includes(thrown.status)) return undefined;
    throw thrown;
  }
}

async function byLease(api: ApiClient, lease: string): Promise<ControllerDeployment> {
  const [namespace = '', name = ''] = lease.split('/');
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
  return controllerIn(deployment.parse(await api.send({ method: 'GET', path })));
}

function controllerIn({ metadata, spec }: z.infer<typeof deployment>): ControllerDeployment {
  const container = spec.template.spec.containers.find(({ name }) => name === 'controller');
  return { ...metadata, args: container?.args ?? [] };
}
