import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AzureAdmin } from '../testbed/azureAdmin.ts';
import { KubeClient } from '../testbed/kubeClient.ts';
import { createStage, type Stage } from '../testbed/stage.ts';
import type { ClusterAddresses } from './cluster.ts';
import { readSite } from './site.ts';

/** The cluster as somebody who works with it sees it, and Azure as its owner does. */
export interface E2eWorld {
  readonly cluster: ClusterAddresses;
  readonly kube: KubeClient;
  readonly azure: AzureAdmin;
  readonly stage: Stage;
  /**
   * A command line, its words parted by spaces, and arguments that may hold spaces.
   * @returns what kubectl prints. @throws Error with what it complains about
   */
  readonly kubectl: (line: string, ...more: readonly string[]) => Promise<string>;
  readonly helm: (line: string) => Promise<string>;
  close(): Promise<void>;
}

const site = readSite();

export function openWorld(cluster: ClusterAddresses): E2eWorld {
  const kube = new KubeClient(cluster.kubeconfig);
  const azure = new AzureAdmin(cluster.azure.adminUrl);
  const stage = createStage(kube, azure, cluster);
  const home = join(site.directory, 'home');
  const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: cluster.kubeconfig };
  const run = async (
    command: string,
    line: string,
    more: readonly string[] = [],
  ): Promise<string> => {
    const args = [...line.split(' '), ...more];
    const { stdout } = await promisify(execFile)(command, args, { env, encoding: 'utf8' });
    return stdout;
  };
  return {
    cluster,
    kube,
    azure,
    stage,
    kubectl: (line, ...more) => run(site.tools.kubectl, line, more),
    helm: (line) => run(site.tools.helm, line),
    async close() {
      await stage.clear();
      await Promise.all([kube.close(), azure.close()]);
    },
  };
}
