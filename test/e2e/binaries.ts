import { cachedBinary } from '../testbed/binaries/binaryCache.ts';
import { debianBinaries } from '../testbed/binaries/debianPackages.ts';
import type { E2eBinaries } from './site.ts';

/**
 * Built or downloaded at the first run, taken from the cache afterwards. One after the other: Go uses all
 * processors for each.
 */
export async function prepareBinaries(log: (line: string) => void): Promise<E2eBinaries> {
  const debian = await debianBinaries(log);
  return {
    ...debian,
    etcd: await cachedBinary('etcd', log),
    'kube-apiserver': await cachedBinary('kube-apiserver', log),
    'kube-controller-manager': await cachedBinary('kube-controller-manager', log),
    'kube-scheduler': await cachedBinary('kube-scheduler', log),
    kubelet: await cachedBinary('kubelet', log),
    kubectl: await cachedBinary('kubectl', log),
    helm: await cachedBinary('helm', log),
    'containerd-shim-runc-v2': await cachedBinary('containerd-shim-runc-v2', log),
    containerd: await cachedBinary('containerd', log),
    ctr: await cachedBinary('ctr', log),
  };
}
