import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** What ran before us, and we ourselves, leave a load that decays by a minute's average. */
const patienceMs = 120_000;
const lookEveryMs = 2_000;

export function currentLoad(): number {
  return loadavg()[0] ?? 0;
}

/** Waits for the 1-minute load average to fall to the limit, but not for ever. Answers what it is then. */
export async function untilQuiet(limit: number): Promise<number> {
  const deadline = Date.now() + patienceMs;
  while (currentLoad() > limit && Date.now() < deadline) await sleep(lookEveryMs);
  return currentLoad();
}
