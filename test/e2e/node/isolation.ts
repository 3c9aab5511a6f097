import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiServerServiceAddress } from '../../testbed/controlPlane/componentFlags.ts';
import { nodeAddress } from './addresses.ts';

/** What kubelet wants of the kernel, and would otherwise set for the whole machine (pkg/kubelet/cm). */
const kernelSettings = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

/**
 * Runs a command in namespaces of its own for processes, mounts and networks. With the first process, the
 * shell, whatever was started inside dies: pods, their mounts and interfaces, also those that a failed test
 * left. The shell stays, because somebody must wait for the orphans that containerd makes.
 * Guarantee: when the answered process is killed, so is all of it.
 */
export function startIsolated(
  { directory, busybox }: { readonly directory: string; readonly busybox: string },
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): ChildProcess {
  const settings = join(directory, 'kernel-settings');
  const binds = Object.entries(kernelSettings).map(([name, value]) => {
    const file = join(settings, name.replaceAll('/', '.'));
    mkdirSync(settings, { recursive: true });
    writeFileSync(file, `${value}\n`);
    return `mount --bind '${file}' '/proc/sys/${name}'`;
  });
  const script = [
    'set -e',
    // Sockets of shims and links to logs have fixed places there.
    'mount -t tmpfs tmpfs /run',
    'mount -t tmpfs tmpfs /var/log',
    ...binds,
    `'${busybox}' ip link set lo up`,
    `'${busybox}' ip address add ${nodeAddress}/32 dev lo`,
    `'${busybox}' ip address add ${apiServerServiceAddress}/32 dev lo`,
    '"$@"',
  ].join('\n');
  const namespaces = '--fork --kill-child --pid --mount-proc --mount --net --uts --ipc'.split(' ');
  return spawn('unshare', [...namespaces, '/bin/sh', '-c', script, 'sh', ...command], {
    stdio: 'inherit',
    env,
  });
}
