import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

const pollIntervalMs = 200;
const progressIntervalMs = 15_000;

export interface BuildLockOptions {
  /** What is built, for the log. */
  readonly what: string;
  readonly log: (line: string) => void;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/**
 * Waits until nobody else builds the same binary, which would take all cores twice.
 * It saves time only: a finished binary appears by rename, so two builds at once are also right.
 */
export async function takeBuildLock(
  file: string,
  { what, log, sleep = setTimeout }: BuildLockOptions,
): Promise<() => Promise<void>> {
  for (let waitedMs = 0; !(await tryTake(file)); waitedMs += pollIntervalMs) {
    const owner = Number(await readFile(file, 'utf8').catch(() => ''));
    if (!isAlive(owner)) {
      await rm(file, { force: true });
      continue;
    }
    if (waitedMs % progressIntervalMs === 0) log(`process ${owner} is building ${what}: waiting`);
    await sleep(pollIntervalMs);
  }
  return () => rm(file, { force: true });
}

async function tryTake(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
