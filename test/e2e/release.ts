import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { customResourceDefinitions, namespaces, configMaps } from '../testbed/kubeResources.ts';
import { controllerRepository } from './images.ts';
import { releaseNamespace } from './ourNamespaces.ts';
import { currentChart, currentVersion } from './releases.ts';
import { readSite } from './site.ts';
import type { E2eWorld } from './world.ts';

export const releaseName = 'vaultsecret';
export const metricsPort = 8080;
export const deployment = `deployment/${releaseName}`;

type Values = Readonly<Record<string, unknown>>;

export interface Chart {
  readonly path: string;
  /** Of the image. */
  readonly version: string;
}

export const current: Chart = { path: currentChart, version: currentVersion };

/** A namespace whose pods must meet the Pod Security Standard "restricted". */
export async function createRestrictedNamespace({ kube }: E2eWorld, name: string): Promise<void> {
  await kube.apply(namespaces, {
    metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  });
}

/** Installs the chart with what every installation here needs, and waits until its pods are ready. */
export async function install(
  world: E2eWorld,
  { chart = current, values = {} }: { readonly chart?: Chart; readonly values?: Values } = {},
): Promise<void> {
  const { kube, cluster } = world;
  await createRestrictedNamespace(world, releaseNamespace);
  await kube.apply(configMaps, {
    metadata: { namespace: releaseNamespace, name: 'azure-ca' },
    data: { 'ca.crt': cluster.azure.ca },
  });
  await upgrade(world, { chart, values });
}

/** Also the first time. */
export async function upgrade(
  { cluster, helm }: E2eWorld,
  { chart = current, values = {} }: { readonly chart?: Chart; readonly values?: Values } = {},
): Promise<void> {
  const { tenantId, address } = cluster.azure;
  const file = join(readSite().directory, 'values.json');
  const all = {
    image: { repository: controllerRepository, tag: chart.version, pullPolicy: 'Never' },
    azure: { tenantId },
    // The real host names, served by the stand-in with certificates of its own.
    extraArgs: [
      `--resolve=*.vault.azure.net=${address}`,
      `--resolve=login.microsoftonline.com=${address}`,
      '--ca-file=/etc/azure-ca/ca.crt',
    ],
    extraVolumes: [{ name: 'azure-ca', configMap: { name: 'azure-ca' } }],
    extraVolumeMounts: [{ name: 'azure-ca', mountPath: '/etc/azure-ca', readOnly: true }],
    ...values,
  };
  await writeFile(file, JSON.stringify(all));
  await helm(
    `upgrade --install ${releaseName} ${chart.path} --namespace ${releaseNamespace} --values ${file} ` +
      '--wait --timeout 90s',
  );
}

/** Leaves nothing of the release, VaultSecrets and CRDs included. */
export async function uninstall({ helm, kube }: E2eWorld): Promise<void> {
  await helm(
    `uninstall ${releaseName} --namespace ${releaseNamespace} --ignore-not-found --wait --timeout 60s`,
  );
  const crds = await kube.list(customResourceDefinitions);
  for (const { metadata } of crds.items) {
    if (metadata.name.endsWith('.vaultsecret.dev'))
      await kube.delete(customResourceDefinitions, { name: metadata.name });
  }
}
