import { join } from 'node:path';
import { startChildProcess, type ChildProcess } from '../../testbed/childProcess.ts';
import type { KubeClient } from '../../testbed/kubeClient.ts';
import { untilObject } from '../../testbed/kubeConditions.ts';
import { nodes } from '../../testbed/kubeResources.ts';
import { startContainerd } from './containerd.ts';
import { nodeName, startKubelet } from './kubelet.ts';
import type { NodeSite } from './nodeSite.ts';

/** containerd, kubelet and a scheduler; they end with the namespaces. */
export async function startNode(
  site: NodeSite,
  kube: KubeClient,
  kubeconfig: string,
): Promise<ChildProcess[]> {
  const containerd = await startContainerd(site);
  const kubelet = await startKubelet(site, kubeconfig);
  const scheduler = await startChildProcess({
    name: 'kube-scheduler',
    command: site.binaries['kube-scheduler'],
    args: [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0'],
    logFile: join(site.directory, 'kube-scheduler.log'),
  });
  const untilReady = untilObject(
    kube,
    nodes,
    { name: nodeName },
    {
      what: 'the node to be ready',
      timeoutMs: 60_000,
      holds: (node) =>
        node?.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    },
  );
  await containerd.whileAlive(kubelet.whileAlive(scheduler.whileAlive(untilReady)));
  return [containerd, kubelet, scheduler];
}
