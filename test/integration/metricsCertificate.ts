import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { createCertificateAuthority } from '../testbed/azure/certificateAuthority.ts';
import type { KubeClient, ObjectName } from '../testbed/kubeClient.ts';
import { clusterRoleBindings } from '../testbed/kubeResources.ts';

/** A certificate as a Secret of type kubernetes.io/tls is mounted, and whoever trusts it. */
export interface MetricsCertificate {
  readonly directory: string;
  /** Of an authority that nobody knew before. */
  renew(): Promise<void>;
  /** Its answer to a scrape. @throws Error when the certificate is another */
  scrape(port: number, token?: string): Promise<{ status: number; text: string }>;
  remove(): Promise<void>;
}

export async function createMetricsCertificate(): Promise<MetricsCertificate> {
  const directory = await mkdtemp(join(tmpdir(), 'vaultsecret-metrics-'));
  let ca = '';
  const certificate: MetricsCertificate = {
    directory,
    async renew() {
      const authority = createCertificateAuthority('metrics');
      const { cert, key } = authority.leaf('127.0.0.1');
      await writeFile(join(directory, 'tls.crt'), cert);
      await writeFile(join(directory, 'tls.key'), key);
      ca = authority.certificatePem;
    },
    async scrape(port, token) {
      const dispatcher = new Agent({ connect: { ca } });
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const url = `https://127.0.0.1:${port}/metrics`;
      try {
        const { statusCode, body } = await request(url, { dispatcher, headers });
        return { status: statusCode, text: await body.text() };
      } finally {
        await dispatcher.close();
      }
    },
    remove: async () => rm(directory, { recursive: true }),
  };
  await certificate.renew();
  return certificate;
}

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
