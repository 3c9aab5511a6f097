import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { startChildProcess } from '../testbed/childProcess.ts';
import type { Pod } from '../testbed/kubeResources.ts';
import { readSite } from './site.ts';
import { until } from './until.ts';
import type { E2eWorld } from './world.ts';

/** A port of this machine that leads to one of a pod, wherever its node is, until the pod or this process ends. */
export interface PodPort {
  /** host:port */
  readonly address: string;
  close(): Promise<void>;
}

export async function openPodPort(
  { cluster }: E2eWorld,
  { metadata: { namespace = '', name } }: Pod,
  port: number,
): Promise<PodPort> {
  const { tools, directory } = readSite();
  const logFile = join(directory, 'pod-ports', `${name}-${port}.log`);
  const forward = await startChildProcess({
    name: `kubectl port-forward of ${name}`,
    command: tools.kubectl,
    args: [
      `--kubeconfig=${cluster.kubeconfig}`,
      'port-forward',
      `--namespace=${namespace}`,
      `pod/${name}`,
      `:${port}`,
    ],
    logFile,
  });
  const [, address = ''] = await forward.whileAlive(
    until(`a port that leads to ${name}`, 30_000, async () => {
      const said = await readFile(logFile, 'utf8');
      return /^Forwarding from (127[.]0[.]0[.]1:\d+)/m.exec(said) ?? undefined;
    }),
  );
  return { address, close: () => forward.kill() };
}
