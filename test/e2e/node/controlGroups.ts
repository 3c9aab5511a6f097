import { existsSync, globSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = '/sys/fs/cgroup';
const prefix = 'vaultsecret-e2e-';
const settleDeadlineMs = 10_000;

/** Made by us in each hierarchy, because kubelet wants its root to exist, and to find them all again. */
export function createControlGroup(): string {
  const name = `${prefix}${process.pid}`;
  for (const hierarchy of hierarchies()) {
    mkdirSync(join(hierarchy, name), { recursive: true });
    inheritCpus(hierarchy, name);
  }
  return `/${name}`;
}

/** Removes what this process made, and what processes left that are no more. */
export async function removeControlGroups(): Promise<void> {
  const groups = hierarchies().flatMap((hierarchy) =>
    globSync(`${prefix}*`, { cwd: hierarchy }).map((name) => join(hierarchy, name)),
  );
  const ours = groups.filter((group) => {
    const owner = Number(basename(group).slice(prefix.length));
    return owner === process.pid || !existsSync(`/proc/${owner}`);
  });
  const deadline = Date.now() + settleDeadlineMs;
  while (!ours.map(removeGroup).every(Boolean)) {
    if (Date.now() > deadline)
      throw new Error(`cannot remove ${ours.filter(existsSync).join(', ')}`);
    await sleep(50);
  }
}

/** The one of version 2, or those of version 1: every folder with processes of its own. */
function hierarchies(): string[] {
  if (existsSync(join(root, 'cgroup.controllers'))) return [root];
  return globSync('*/cgroup.procs', { cwd: root }).map((file) => join(root, dirname(file)));
}

/** In version 1 a new group has no processor to run on. */
function inheritCpus(hierarchy: string, name: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const own = join(hierarchy, name, file);
    if (basename(hierarchy) === 'cpuset' && existsSync(own))
      writeFileSync(own, readFileSync(join(hierarchy, file)));
  }
}

/** False while processes that were killed are still in it. */
function removeGroup(group: string): boolean {
  const folders = globSync('**/', { cwd: group }).map((path) => join(group, path));
  // Longest first: a folder goes only after those in it.
  for (const folder of [...folders, group].toSorted((a, b) => b.length - a.length)) {
    try {
      rmdirSync(folder);
    } catch {
      // Not yet empty, or gone.
    }
  }
  return !existsSync(group);
}
