import type { Pod } from '../../testbed/kubeResources.ts';
import { readSite } from '../site.ts';
import { ctr } from './containerd.ts';

/** The first process of the pod's first container, as this machine counts. */
export function processOf({ metadata, status }: Pod): number {
  const id = status.containerStatuses[0]?.containerID?.replace('containerd://', '') ?? '';
  const line = ctr(readSite(), 'tasks', 'list')
    .split('\n')
    .find((text) => id !== '' && text.startsWith(id));
  const pid = Number(line?.split(/\s+/)[1]);
  if (!(pid > 0)) throw new Error(`no container of pod ${metadata.name} runs`);
  return pid;
}
