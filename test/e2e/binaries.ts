import { cachedBinary } from '../testbed/binaries/binaryCache.ts';
import { debianBinaries } from '../testbed/binaries/debianPackages.ts';
import type { OwnNode, Tools } from './site.ts';

type Log = (line: string) => void;

/**
 * What every run needs. Built or downloaded at the first run, taken from the cache afterwards. One after the other: Go
 * uses all processors for each.
 */
export async function prepareTools(log: Log): Promise<Tools> {
  const { busybox, prometheus, promtool } = await debianBinaries(log);
  return {
    busybox,
    prometheus,
    promtool,
    kubectl: await cachedBinary('kubectl', log),
    helm: await cachedBinary('helm', log),
  };
}

/** What a node of this machine needs besides. */
export async function prepareNodeBinaries(log: Log): Promise<OwnNode['binaries']> {
  const { runc, cniPlugins } = await debianBinaries(log);
  return {
    runc,
    cniPlugins,
    etcd: await cachedBinary('etcd', log),
    'kube-apiserver': await cachedBinary('kube-apiserver', log),
    'kube-controller-manager': await cachedBinary('kube-controller-manager', log),
    'kube-scheduler': await cachedBinary('kube-scheduler', log),
    kubelet: await cachedBinary('kubelet', log),
    'containerd-shim-runc-v2': await cachedBinary('containerd-shim-runc-v2', log),
    containerd: await cachedBinary('containerd', log),
    ctr: await cachedBinary('ctr', log),
  };
}
