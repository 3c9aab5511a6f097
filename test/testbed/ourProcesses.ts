import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Whether the process lives and is what we started: its command line names a file in the folder. A pid alone
 * may belong to anybody, for instance after a reboot.
 */
export function isOurs(pid: number, directory: string): boolean {
  return commandLine(pid).includes(`${directory}${sep}`);
}

/** Signals those that are ours, and waits until they are gone. Answers how many there were. */
export async function endProcesses(
  pids: readonly number[],
  options: { directory: string; signal: 'SIGTERM' | 'SIGKILL'; graceMs: number },
): Promise<number> {
  const { directory, signal, graceMs } = options;
  const ours = pids.filter((pid) => isOurs(pid, directory));
  for (const pid of ours) send(pid, signal);
  const deadline = Date.now() + graceMs;
  while (ours.some((pid) => isOurs(pid, directory))) {
    if (Date.now() > deadline) {
      if (signal === 'SIGKILL') throw new Error(`processes ${ours.join(', ')} cannot be ended`);
      return endProcesses(ours, { ...options, signal: 'SIGKILL' });
    }
    await sleep(20);
  }
  return ours.length;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone between the look and the signal.
  }
}

/** Empty when there is no such process, or only its remains that nobody has waited for. */
function commandLine(pid: number): string {
  if (process.platform === 'linux') {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return '';
    }
  }
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
}
