import { z } from 'zod';
import { identityUse } from '../core/identityBinding.ts';
import { KubeApiError, type ObjectName } from '../ports/kube.ts';
import type { ApiClient } from './request.ts';

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/ */
const review = z.object({ status: z.object({ allowed: z.boolean().default(false) }) });

/** Whether RBAC lets a ServiceAccount act as an identity that is bound to the cluster; undefined for who may not ask. */
export async function mayUseIdentity(
  api: ApiClient,
  { namespace, name }: ObjectName,
  clientId: string,
): Promise<boolean | undefined> {
  const apiVersion = 'authorization.k8s.io/v1';
  const body = {
    apiVersion,
    kind: 'SubjectAccessReview',
    spec: {
      user: `system:serviceaccount:${namespace}:${name}`,
      groups: [
        'system:serviceaccounts',
        `system:serviceaccounts:${namespace}`,
        'system:authenticated',
      ],
      resourceAttributes: { ...identityUse, resource: clientId },
    },
  };
  try {
    const path = `/apis/${apiVersion}/subjectaccessreviews`;
    return review.parse(await api.send({ method: 'POST', path, body })).status.allowed;
  } catch (thrown) {
    if (thrown instanceof KubeApiError && thrown.status === 403) return undefined;
    throw thrown;
  }
}
