import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderChart, type Manifest, type Release } from '../testbed/helm.ts';
import { KubeClient, type ObjectName } from '../testbed/kubeClient.ts';
import { writeKubeconfig } from '../testbed/kubeconfigFile.ts';
import { kubeObjects } from '../testbed/kubeResources.ts';
import type { World } from '../testbed/world.ts';

/** There is no node to run pods on, and the CRDs are there. */
const left = new Set(['Deployment', 'CustomResourceDefinition', 'Pod']);

export interface ChartRelease {
  readonly namespace: string;
  /** With the token of the ServiceAccount that the chart made. */
  readonly controllerKube: KubeClient;
  readonly manifests: readonly Manifest[];
  remove(): Promise<void>;
}

/** What the chart renders, applied in a namespace of its own beside the test bed's controller. */
export async function applyChart(world: World, release: Release = {}): Promise<ChartRelease> {
  const { kube, stage } = world;
  const namespace = await stage.createNamespace();
  const rendered = await renderChart({ name: 'vaultsecret', ...release, namespace });
  const manifests = rendered.filter(({ kind }) => !left.has(kind));
  for (const manifest of manifests) await kube.apply(kubeObjects(manifest), manifest);
  const user = await asServiceAccount(world, { namespace, name: 'vaultsecret' });
  return {
    namespace,
    controllerKube: user.kube,
    manifests,
    async remove() {
      await user.close();
      for (const manifest of manifests) await kube.delete(kubeObjects(manifest), manifest.metadata);
    },
  };
}

/** Whatever RBAC and policies let this ServiceAccount do. */
export async function asServiceAccount(
  { kube }: World,
  at: ObjectName,
): Promise<{ readonly kube: KubeClient; readonly kubeconfig: string; close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'vaultsecret-user-'));
  const kubeconfig = join(directory, 'kubeconfig');
  await writeKubeconfig(kubeconfig, kube.cluster, { token: await kube.requestToken(at) });
  const client = new KubeClient(kubeconfig);
  return {
    kube: client,
    kubeconfig,
    async close() {
      await client.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
