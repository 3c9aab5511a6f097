import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { KubeClient, ObjectName } from '../testbed/kubeClient.ts';
import { clusterRoleBindings } from '../testbed/kubeResources.ts';

/** Gives the ServiceAccount a ClusterRole with the right to get /metrics, and waits until that counts. */
export async function allowMetrics(
  kube: KubeClient,
  { namespace = '', name }: ObjectName,
  clusterRole: string,
): Promise<void> {
  await kube.create(clusterRoleBindings, {
    metadata: { name: `metrics-${namespace}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterRole },
    subjects: [{ kind: 'ServiceAccount', namespace, name }],
  });
  const signal = AbortSignal.timeout(5_000);
  while (!(await mayScrape(kube, `system:serviceaccount:${namespace}:${name}`))) {
    signal.throwIfAborted();
    await sleep(20);
  }
}

/** Takes back what `allowMetrics` gave in the namespace. */
export async function disallowMetrics(kube: KubeClient, namespace: string): Promise<void> {
  await kube.delete(clusterRoleBindings, { name: `metrics-${namespace}` });
}

async function mayScrape(kube: KubeClient, user: string): Promise<boolean> {
  const answer = await kube.send({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user, nonResourceAttributes: { path: '/metrics', verb: 'get' } },
    },
  });
  return z.object({ status: z.object({ allowed: z.boolean() }) }).parse(answer).status.allowed;
}
