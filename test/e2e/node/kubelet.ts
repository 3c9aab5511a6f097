import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startChildProcess, type ChildProcess } from '../../testbed/childProcess.ts';
import { nodeAddress } from './addresses.ts';
import { containerRuntimeEndpoint } from './containerd.ts';
import type { NodeSite } from './nodeSite.ts';

export const nodeName = 'e2e-node';

/** How often kubelet looks at each pod, and so how soon a changed Secret is in a mounted file; by default 1m. */
export const syncFrequencySeconds = 5;

export async function startKubelet(site: NodeSite, kubeconfig: string): Promise<ChildProcess> {
  const directory = join(site.directory, 'kubelet');
  await mkdir(directory, { recursive: true });
  const configFile = join(directory, 'config.yaml');
  await writeFile(configFile, stringify(configOf(site, directory)));
  return startChildProcess({
    name: 'kubelet',
    command: site.binaries.kubelet,
    args: [
      `--config=${configFile}`,
      `--kubeconfig=${kubeconfig}`,
      `--root-dir=${directory}/root`,
      `--cert-dir=${directory}/certificates`,
      `--node-ip=${nodeAddress}`,
      `--hostname-override=${nodeName}`,
    ],
    logFile: join(site.directory, 'kubelet.log'),
  });
}

/** https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
function configOf({ cgroup }: NodeSite, directory: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroup,
    failCgroupV1: false,
    failSwapOn: false,
    // Nobody else is in this network, and the API server has no certificate for kubelet.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    // There is no DNS: pods know addresses and their hosts file.
    resolvConf: '',
    makeIPTablesUtilChains: false,
    syncFrequency: `${syncFrequencySeconds}s`,
    volumePluginDir: join(directory, 'volume-plugins'),
    podLogsDir: join(directory, 'logs'),
    // A full disk is not what is tested here.
    evictionHard: {
      'memory.available': '1Mi',
      'nodefs.available': '0%',
      'imagefs.available': '0%',
    },
    imageGCHighThresholdPercent: 100,
  };
}
