import { untilObject } from '../testbed/kubeConditions.ts';
import { namespaces, pods, type Pod } from '../testbed/kubeResources.ts';
import { nodeShellNamespace } from './ourNamespaces.ts';
import { isReady } from './workload.ts';
import { workloadImage } from './workloadImage.ts';
import type { E2eWorld } from './world.ts';

/** For what a node does to a pod, and sees of it, on whatever cluster: a pod that shares processes and network with it. */
export interface NodeShell {
  /** Runs a script of busybox's shell as root. @returns what it prints */
  run(script: string): Promise<string>;
  /** The first process of the pod's first container, as the node counts. */
  processOf(pod: Pod): Promise<number>;
  /** Ends that process without a chance to do anything. */
  kill(pod: Pod): Promise<void>;
}

/** On the node of that pod. */
export async function openNodeShell(
  { kube, kubectl }: E2eWorld,
  { spec: { nodeName = '' } }: Pod,
): Promise<NodeShell> {
  const at = { namespace: nodeShellNamespace, name: nodeName };
  await kube.apply(namespaces, {
    metadata: {
      name: at.namespace,
      labels: { 'pod-security.kubernetes.io/enforce': 'privileged' },
    },
  });
  // Two that ask at once get the same one.
  await kube.apply(pods, { metadata: at, spec: specOf(nodeName) });
  await untilObject(kube, pods, at, {
    what: 'the shell on the node',
    holds: isReady,
    timeoutMs: 60_000,
  });
  const run = (script: string): Promise<string> =>
    kubectl(`exec -n ${at.namespace} ${at.name} -- /bin/busybox sh -c`, script);
  const processOf = async ({ metadata, status }: Pod): Promise<number> => {
    const [, id = 'none'] = status.containerStatuses[0]?.containerID?.split('://') ?? [];
    const pid = Number(await run(firstProcess(id)));
    if (!(pid > 0)) throw new Error(`no container of pod ${metadata.name} runs`);
    return pid;
  };
  return {
    run,
    processOf,
    async kill(pod) {
      await run(`kill -KILL ${await processOf(pod)}`);
    },
  };
}

function specOf(nodeName: string): object {
  return {
    nodeName,
    hostPID: true,
    hostNetwork: true,
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'shell',
        image: workloadImage,
        imagePullPolicy: 'Never',
        securityContext: { runAsUser: 0, runAsGroup: 0 },
      },
    ],
  };
}

/** Its number in its own namespace is 1: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function firstProcess(containerId: string): string {
  return `
    for file in $(grep -ls ${containerId} /proc/[0-9]*/cgroup); do
      folder=\${file%/cgroup}
      if grep -q '^NSpid:.*[^0-9]1$' $folder/status; then echo \${folder#/proc/}; fi
    done`;
}
