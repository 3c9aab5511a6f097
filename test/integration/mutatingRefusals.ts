import { z } from 'zod';
import type { ErrorReason } from '../../src/core/errors/errorCatalogue.ts';
import type { KubeClient } from '../testbed/kubeClient.ts';
import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
} from '../testbed/kubeResources.ts';
import {
  inNamespace,
  refuserOf,
  refusersText,
  type Removal,
  type untilRefused,
} from './admission.ts';

export const secretIn = (namespace: string) => ({
  method: 'POST' as const,
  path: `/api/v1/namespaces/${namespace}/secrets`,
  body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'probe' } },
});
export const tokenIn = (namespace: string) => ({
  method: 'POST' as const,
  path: `/api/v1/namespaces/${namespace}/serviceaccounts/app/token`,
  body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [] } },
});

/** What the cluster puts in the way of a VaultSecret. */
export interface Refusal {
  readonly what: string;
  readonly reason: ErrorReason;
  readonly cause: (namespace: string) => Promise<Removal>;
  /** What is refused from then on. */
  readonly refused: (namespace: string) => Parameters<typeof untilRefused>[1];
  readonly words: (namespace: string) => readonly string[];
}

/** Of a MutatingAdmissionPolicy; none where the API server has no such policies. */
export async function mutatingRefusals(kube: KubeClient): Promise<readonly Refusal[]> {
  if (!(await servesMutatingPolicies(kube))) return [];
  return [
    {
      what: 'a mutating policy fails on its Secret',
      reason: 'PolicyRefused',
      cause: (namespace) => breakMutation(kube, namespace, ['secrets']),
      refused: secretIn,
      words: (namespace) => [
        `MutatingAdmissionPolicy ${refuserOf(namespace)} of the cluster refused Secret app.`,
        `kubectl describe mutatingadmissionpolicy ${refuserOf(namespace)}`,
      ],
    },
    {
      what: 'a mutating policy fails on the token of its ServiceAccount',
      reason: 'PolicyRefused',
      cause: (namespace) => breakMutation(kube, namespace, ['serviceaccounts/token']),
      refused: tokenIn,
      words: (namespace) => [
        `MutatingAdmissionPolicy ${refuserOf(namespace)} of the cluster refused a token of ServiceAccount app.`,
      ],
    },
  ];
}

/** Generally available since Kubernetes 1.36: https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/ */
async function servesMutatingPolicies(kube: KubeClient): Promise<boolean> {
  const path = `/apis/${mutatingAdmissionPolicies.apiVersion}`;
  const answer = served.parse(await kube.send({ method: 'GET', path }));
  return answer.resources.some(({ name }) => name === mutatingAdmissionPolicies.plural);
}

const served = z.object({ resources: z.array(z.object({ name: z.string() })) });

/** By a MutatingAdmissionPolicy that reads an annotation which its objects do not have. */
async function breakMutation(
  kube: KubeClient,
  namespace: string,
  resources: readonly string[],
): Promise<Removal> {
  const name = refuserOf(namespace);
  const operations = ['CREATE', 'UPDATE'];
  const value = `object.metadata.annotations[${JSON.stringify(refusersText)}]`;
  await kube.create(mutatingAdmissionPolicies, {
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      matchConstraints: {
        resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations, resources }],
      },
      mutations: [
        {
          patchType: 'JSONPatch',
          jsonPatch: {
            expression: `[JSONPatch{op: "add", path: "/metadata/labels/team", value: ${value}}]`,
          },
        },
      ],
    },
  });
  await kube.create(mutatingAdmissionPolicyBindings, {
    metadata: { name },
    spec: { policyName: name, matchResources: inNamespace(namespace) },
  });
  return async () => {
    await kube.delete(mutatingAdmissionPolicyBindings, { name });
    await kube.delete(mutatingAdmissionPolicies, { name });
  };
}
