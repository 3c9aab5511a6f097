import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cachedBinary, GoMissingError } from '../binaries/binaryCache.ts';
import { defaultMinor, kubernetesModule, type ApiBinary } from '../binaries/kubernetesMinors.ts';
import type { ControlPlane, ControlPlaneOptions } from './controlPlane.ts';
import { ControlPlaneError } from './controlPlaneError.ts';
import { useExistingCluster } from './existingCluster.ts';
import { startK3s } from './k3s.ts';
import { startLocalControlPlane } from './localControlPlane.ts';

export interface StartControlPlaneOptions extends ControlPlaneOptions {
  /** A cluster that the user names goes before everything else. */
  readonly kubeconfig?: string | undefined;
}

/** A way that cannot work here; the next one is tried. */
type Way = (options: ControlPlaneOptions) => Promise<ControlPlane | undefined>;

/**
 * The first that works of: the cluster of the kubeconfig that the user names, the minor of Kubernetes
 * that TESTBED_KUBERNETES names, the binaries in KUBEBUILDER_ASSETS, K3s in Docker, binaries built from
 * Go modules.
 * @throws ControlPlaneError that names these ways
 */
export async function startControlPlane(options: StartControlPlaneOptions): Promise<ControlPlane> {
  const kubeconfig = options.kubeconfig ?? present(process.env['TESTBED_KUBECONFIG']);
  // Whoever names a cluster means that one: no other is taken in its place.
  if (kubeconfig !== undefined) return useExistingCluster(kubeconfig, options);
  const minor = present(process.env['TESTBED_KUBERNETES']);
  const ways: readonly Way[] =
    minor === undefined
      ? [fromKubebuilderAssets, startK3s, fromGoModules(defaultMinor)]
      : [fromGoModules(minor)];
  for (const way of ways) {
    const controlPlane = await way(options);
    if (controlPlane !== undefined) return controlPlane;
  }
  throw new ControlPlaneError(
    'no Kubernetes control plane can be started here: install Go 1.26 or newer (it is built from Go ' +
      'modules, once), or start a Docker daemon (K3s), or set KUBEBUILDER_ASSETS to a folder with etcd ' +
      'and kube-apiserver, or name a cluster by TESTBED_KUBECONFIG',
  );
}

async function fromKubebuilderAssets(
  options: ControlPlaneOptions,
): Promise<ControlPlane | undefined> {
  const directory = present(process.env['KUBEBUILDER_ASSETS']);
  if (directory === undefined) return undefined;
  const etcd = join(directory, 'etcd');
  const apiServer = join(directory, 'kube-apiserver');
  const missing = [etcd, apiServer].filter((file) => !existsSync(file));
  if (missing.length > 0) {
    options.log(`KUBEBUILDER_ASSETS is not used: there is no ${missing.join(' and no ')}`);
    return undefined;
  }
  // envtest ships none, and without it nothing that is deleted takes what it owns along.
  const own = join(directory, 'kube-controller-manager');
  const controllerManager = await unlessGoIsMissing(() =>
    existsSync(own) ? Promise.resolve(own) : cachedBinary('kube-controller-manager', options.log),
  );
  if (controllerManager === undefined) {
    options.log(`KUBEBUILDER_ASSETS is not used: there is no ${own}, and no Go to build it`);
    return undefined;
  }
  const paths = {
    etcd,
    'kube-apiserver': apiServer,
    'kube-controller-manager': controllerManager,
  };
  return startLocalControlPlane({ origin: `the binaries in ${directory}`, paths }, options);
}

function fromGoModules(minor: string): Way {
  return async (options) => {
    const { log } = options;
    const built = (name: ApiBinary): Promise<string> =>
      cachedBinary(name, log, kubernetesModule(name, minor));
    const paths = await unlessGoIsMissing(async () => ({
      etcd: await cachedBinary('etcd', log),
      'kube-apiserver': await built('kube-apiserver'),
      'kube-controller-manager': await built('kube-controller-manager'),
    }));
    if (paths === undefined) return undefined;
    const origin = `binaries of Kubernetes ${minor} built from Go modules`;
    return startLocalControlPlane({ origin, paths }, options);
  };
}

async function unlessGoIsMissing<T>(build: () => Promise<T>): Promise<T | undefined> {
  try {
    return await build();
  } catch (error) {
    if (error instanceof GoMissingError) return undefined;
    throw error;
  }
}

function present(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
