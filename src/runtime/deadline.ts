import type { Clock } from '../ports/system.ts';

/** An abort controller that follows `parent` until it is disposed of. */
export interface LinkedAbort extends Disposable {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
}

/** Unlike `AbortSignal.any`, leaves nothing behind on a parent that lives as long as the process. */
export function linkedAbort(parent: AbortSignal): LinkedAbort {
  const controller = new AbortController();
  const follow = (): void => controller.abort(parent.reason);
  if (parent.aborted) follow();
  parent.addEventListener('abort', follow);
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]: () => parent.removeEventListener('abort', follow),
  };
}

/** Where and how long `withDeadline` waits. */
export interface Deadline {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Runs `work` with a signal that is aborted after `timeoutMs`, or with the caller's. Assumes that `work` heeds it. */
export async function withDeadline<T>(
  { clock, timeoutMs, signal }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  using linked = linkedAbort(signal);
  const cancel = clock.schedule(timeoutMs, () => linked.abort(new Error('No answer in time')));
  try {
    return await work(linked.signal);
  } finally {
    cancel();
  }
}

/** Sleeps, and returns early instead of throwing when the signal is aborted. */
export async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(delayMs, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Whether the promise resolves within `timeoutMs`; rejects as it does. */
export async function endsWithin(
  clock: Clock,
  timeoutMs: number,
  promise: Promise<unknown>,
): Promise<boolean> {
  let cancel: () => void = () => {};
  const late = new Promise<boolean>((resolve) => {
    cancel = clock.schedule(timeoutMs, () => resolve(false));
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    cancel();
  }
}
