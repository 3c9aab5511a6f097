import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../../testbed/kubeClient.ts';

const path = '/apis/admissionregistration.k8s.io/v1';

/**
 * A policy that refuses every Secret of the namespace, and quotes its PASSWORD while it does.
 * Resolves when it is in force, with the API server's text.
 */
export async function refuseSecrets(
  kube: KubeClient,
  namespace: string,
  data: Readonly<Record<string, string>>,
): Promise<{ readonly text: string; close(): Promise<void> }> {
  const name = `refuse-${namespace}.example.com`;
  const selector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  const create = (collection: string, kind: string, spec: object): Promise<unknown> =>
    kube.send({
      method: 'POST',
      path: `${path}/${collection}`,
      body: {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind,
        metadata: { name },
        spec,
      },
    });
  await create('validatingadmissionpolicies', 'ValidatingAdmissionPolicy', {
    matchConstraints: {
      namespaceSelector: selector,
      resourceRules: [
        {
          apiGroups: [''],
          apiVersions: ['v1'],
          resources: ['secrets'],
          operations: ['CREATE', 'UPDATE'],
        },
      ],
    },
    validations: [
      { expression: 'false', messageExpression: "'not ' + string(object.data['PASSWORD'])" },
    ],
  });
  await create('validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', {
    policyName: name,
    validationActions: ['Deny'],
  });
  return {
    text: await untilRefused(kube, namespace, data),
    async close() {
      for (const collection of [
        'validatingadmissionpolicybindings',
        'validatingadmissionpolicies',
      ]) {
        await kube.send({ method: 'DELETE', path: `${path}/${collection}/${name}` });
      }
    },
  };
}

/** The API server tells nobody from when on it heeds a policy; it takes about a second. */
async function untilRefused(
  kube: KubeClient,
  namespace: string,
  data: Readonly<Record<string, string>>,
): Promise<string> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    try {
      await kube.send({
        method: 'POST',
        path: `/api/v1/namespaces/${namespace}/secrets`,
        query: { dryRun: 'All' },
        body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'attempt' }, data },
      });
    } catch (refused) {
      return refused instanceof Error ? refused.message : String(refused);
    }
    await sleep(50);
  }
  throw new Error('the API server does not heed the policy');
}
