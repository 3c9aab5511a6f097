import { once } from 'node:events';
import { createServer } from 'node:https';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { createCertificateAuthority } from '../testbed/azure/certificateAuthority.ts';
import type { KubeClient } from '../testbed/kubeClient.ts';
import { KubeRequestError, type KubeRequest } from '../testbed/kubeTransport.ts';
import {
  resourceQuotas,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  validatingWebhookConfigurations,
} from '../testbed/kubeResources.ts';

/** Takes away what was put in the way. */
export type Removal = () => Promise<unknown>;

/** Refusers say this, and nobody repeats it. */
export const refusersText = 'because of hunter2';

export const refuserOf = (namespace: string): string => `refuser.${namespace}.example.com`;

export const inNamespace = (namespace: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
});

/** New rules are taken up within a second or so: asks until they are, changing nothing. */
export async function untilRefused(
  kube: KubeClient,
  request: Pick<KubeRequest, 'method' | 'path' | 'body'>,
): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline) {
    try {
      await kube.send({ ...request, query: { dryRun: 'All' } });
    } catch (error) {
      if (error instanceof KubeRequestError && error.status !== 404) return;
      throw error;
    }
  }
  throw new Error(`${request.method} ${request.path} is not refused`);
}

export interface Denied {
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
  readonly resources: readonly string[];
}

/** By a ValidatingAdmissionPolicy. */
export async function deny(kube: KubeClient, namespace: string, denied: Denied): Promise<Removal> {
  const name = refuserOf(namespace);
  await kube.create(validatingAdmissionPolicies, {
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], ...denied }] },
      validations: [{ expression: 'false', message: refusersText }],
    },
  });
  await kube.create(validatingAdmissionPolicyBindings, {
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: ['Deny'],
      matchResources: inNamespace(namespace),
    },
  });
  return async () => {
    await kube.delete(validatingAdmissionPolicyBindings, { name });
    await kube.delete(validatingAdmissionPolicies, { name });
  };
}

/** Full from the first Secret on. The test bed has no controller that would count them. */
export async function fillQuota(kube: KubeClient, namespace: string): Promise<Removal> {
  const at = { namespace, name: 'few' };
  const hard = { 'count/secrets': '0' };
  await kube.create(resourceQuotas, { metadata: at, spec: { hard } });
  await kube.send({
    method: 'PATCH',
    path: `/api/v1/namespaces/${namespace}/resourcequotas/few/status`,
    contentType: 'application/merge-patch+json',
    body: { status: { hard, used: hard } },
  });
  return async () => kube.delete(resourceQuotas, at);
}

export interface Webhook {
  readonly url: string;
  readonly caBundle?: string;
}

/** Lets a webhook decide about the Secrets of the namespace. */
export async function askWebhook(
  kube: KubeClient,
  namespace: string,
  clientConfig: Webhook,
): Promise<Removal> {
  const name = refuserOf(namespace);
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['secrets'] };
  await kube.create(validatingWebhookConfigurations, {
    metadata: { name },
    webhooks: [
      {
        name,
        clientConfig,
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        timeoutSeconds: 2,
        rules: [rule],
        ...inNamespace(namespace),
      },
    ],
  });
  return async () => kube.delete(validatingWebhookConfigurations, { name });
}

const reviewSchema = z.object({ request: z.object({ uid: z.string() }) });

/** Refuses whatever it is asked. The API server must run on this machine to reach it. */
export async function startRefusingWebhook(): Promise<Webhook & { close(): void }> {
  const authority = createCertificateAuthority('webhooks of a test');
  const server = createServer(authority.leaf('127.0.0.1'), (request, response) => {
    json(request).then(
      (review) => {
        const { uid } = reviewSchema.parse(review).request;
        const status = { code: 403, message: refusersText };
        const answer = { uid, allowed: false, status };
        const body = {
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: answer,
        };
        response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
      },
      () => response.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `https://127.0.0.1:${port}/`,
    caBundle: Buffer.from(authority.certificatePem).toString('base64'),
    close: () => server.close(),
  };
}
