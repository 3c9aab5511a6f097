import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChildProcess, type ChildProcess } from '../../testbed/childProcess.ts';
import { workloadImage } from '../workloadImage.ts';
import { podRange } from './addresses.ts';
import type { NodeSite } from './nodeSite.ts';

/** In a /run of our own. */
const socket = '/run/containerd/containerd.sock';
export const containerRuntimeEndpoint = `unix://${socket}`;
const readyDeadlineMs = 30_000;

export async function startContainerd(site: NodeSite): Promise<ChildProcess> {
  const directory = join(site.directory, 'containerd');
  const networks = join(directory, 'networks');
  await mkdir(networks, { recursive: true });
  await writeFile(join(networks, '10-pods.conflist'), JSON.stringify(podNetwork(directory)));
  const configFile = join(directory, 'config.toml');
  await writeFile(configFile, configOf(site, { directory, networks }));
  const containerd = await startChildProcess({
    name: 'containerd',
    command: site.binaries.containerd,
    args: ['--config', configFile],
    logFile: join(site.directory, 'containerd.log'),
  });
  await containerd.whileAlive(untilAnswers(site));
  for (const image of site.images) ctr(site, 'images', 'import', image);
  return containerd;
}

/** In the namespace of kubelet. */
function ctr({ binaries }: NodeSite, ...args: readonly string[]): void {
  const all = ['--address', socket, '--namespace', 'k8s.io', ...args];
  const { status, stderr } = spawnSync(binaries.ctr, all, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ctr ${args.join(' ')} failed: ${stderr}`);
}

/** https://github.com/containerd/containerd/blob/v2.4.2/docs/cri/config.md */
function configOf(
  { binaries }: NodeSite,
  { directory, networks }: { directory: string; networks: string },
): string {
  const runtime = "plugins.'io.containerd.cri.v1.runtime'";
  return `version = 3
root = '${directory}/root'
state = '/run/containerd/state'
[grpc]
address = '${socket}'
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = '${workloadImage}'
[${runtime}]
# A machine without CAP_SYS_RESOURCE may not lower the score, and runc would fail.
restrict_oom_score_adj = true
[${runtime}.cni]
bin_dirs = ['${binaries.cniPlugins}']
conf_dir = '${networks}'
[${runtime}.containerd.runtimes.runc]
runtime_type = 'io.containerd.runc.v2'
# Else that of the machine's own containerd, which stands in the PATH, would be taken.
runtime_path = '${binaries['containerd-shim-runc-v2']}'
[${runtime}.containerd.runtimes.runc.options]
BinaryName = '${binaries.runc}'
SystemdCgroup = false
`;
}

/** A pair of interfaces for each pod: what the node has as addresses of its own, pods reach. */
function podNetwork(directory: string): object {
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: podRange }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: join(directory, 'addresses'),
        },
      },
    ],
  };
}

async function untilAnswers(site: NodeSite): Promise<void> {
  const deadline = Date.now() + readyDeadlineMs;
  for (;;) {
    try {
      ctr(site, 'version');
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}
