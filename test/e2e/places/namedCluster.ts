import { spawnSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { useExistingCluster } from '../../testbed/controlPlane/existingCluster.ts';
import { KubeClient } from '../../testbed/kubeClient.ts';
import { customResourceDefinitions, namespaces } from '../../testbed/kubeResources.ts';
import { TestbedError } from '../../testbed/testbedError.ts';
import { ourNamespaces } from '../ourNamespaces.ts';
import { runTests, type Place } from './place.ts';

export interface NamedClusterOptions {
  readonly kubeconfig: string;
  /** A line for the shell, to which the path of an archive is added. */
  readonly loadImages?: string | undefined;
  readonly hostAddress?: string | undefined;
}

/** The user's cluster: what the tests install there they remove, and nothing else is touched. */
export function namedCluster(options: NamedClusterOptions): Place {
  const kubeconfig = resolve(options.kubeconfig);
  const { loadImages, hostAddress = firstAddress() } = options;
  return {
    async check() {
      await useExistingCluster(kubeconfig, { prepare: assertWithoutUs });
      if (loadImages === undefined) throw new TestbedError(howToLoad);
    },
    async run(prepared) {
      for (const image of prepared.images) load(loadImages ?? '', image);
      return runTests(prepared, { kind: 'running cluster', kubeconfig, hostAddress });
    },
  };
}

const howToLoad =
  "the nodes need images that are built here: name by --load-images what loads an archive, for example 'kind load image-archive', 'minikube image load' or 'k3s ctr images import'";

/** The tests end with an uninstall that takes CRDs and all VaultSecrets along. */
async function assertWithoutUs(kubeconfig: string): Promise<void> {
  const kube = new KubeClient(kubeconfig);
  try {
    const crds = (await kube.list(customResourceDefinitions)).items.map(({ metadata }) => metadata);
    const crd = crds.find(({ name }) => name.endsWith('.vaultsecret.dev'));
    const there = crd === undefined ? await firstNamespace(kube) : `the CRD ${crd.name}`;
    if (there !== undefined)
      throw new TestbedError(
        `the cluster of ${kubeconfig} has ${there}: these tests would remove it in the end; name a cluster without vaultsecret, or remove what is left there`,
      );
  } finally {
    await kube.close();
  }
}

async function firstNamespace(kube: KubeClient): Promise<string | undefined> {
  for (const name of ourNamespaces)
    if ((await kube.find(namespaces, { name })) !== undefined) return `a namespace ${name}`;
  return undefined;
}

function load(command: string, archive: string): void {
  const { status } = spawnSync('/bin/sh', ['-c', `${command} "$1"`, 'sh', archive], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new TestbedError(`${command} ${archive} failed with status ${status}`);
}

function firstAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
