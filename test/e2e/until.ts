import { setTimeout as sleep } from 'node:timers/promises';

const pollIntervalMs = 100;

/** For what cannot be watched: a file in a pod, a page of Prometheus. What is not undefined ends the wait. */
export async function until<T>(
  what: string,
  timeoutMs: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await sleep(pollIntervalMs);
  }
}
