import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { controllerCommand, ensureBundle, type ControllerSettings } from './controllerCommand.ts';
import { findFreePorts } from './freePorts.ts';
import type { OrphanGuard } from './orphanGuard.ts';
import type { Testbed } from './testbedFile.ts';

export type ControllerOptions = Partial<Omit<ControllerSettings, 'port'>>;

/** How a process ended: its status, or the signal that ended it. */
export type Ending = number | NodeJS.Signals;

/** One replica of the controller, as the bundle that is shipped. */
export interface ControllerProcess {
  readonly pid: number;
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number;
  /** Serves /metrics, /healthz and /readyz. */
  readonly url: string;
  /** Everything it wrote, both streams. */
  readonly lines: readonly string[];
  readonly ended: Promise<Ending>;
  /** @throws Error when it ends first, or after the time-out */
  untilReady(timeoutMs?: number): Promise<void>;
  /** The first line, of those to come too, that matches. */
  untilLogged(matches: (line: string) => boolean, timeoutMs?: number): Promise<string>;
  metrics(): Promise<string>;
  /** Sends the signal and waits for the end. */
  end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<Ending>;
}

const defaultTimeoutMs = 15_000;

export async function startController(
  testbed: Testbed,
  guard: OrphanGuard,
  options: ControllerOptions = {},
): Promise<ControllerProcess> {
  ensureBundle(console.error);
  const [port = 0] = await findFreePorts(1);
  const { command, args, env } = controllerCommand(testbed, {
    leaderElect: false,
    ...options,
    port,
  });
  const startedAt = Date.now();
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const { pid } = child;
  if (pid === undefined) throw new Error('the controller cannot be started');
  guard.watch(pid);
  const ended = new Promise<Ending>((resolve) => {
    // `close` comes after both streams have ended, so that no line is missing.
    child.once('close', (status, signal) => {
      guard.forget(pid);
      resolve(signal ?? status ?? 1);
    });
  });

  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      lines.push(line);
      for (const listener of listeners) listener(line);
    });
  }

  const url = `http://127.0.0.1:${port}`;
  const whileAlive = <T>(awaited: Promise<T>): Promise<T> =>
    Promise.race([
      awaited,
      ended.then((ending) => {
        throw new Error(`the controller ended with ${ending}:\n${lines.slice(-5).join('\n')}`);
      }),
    ]);

  return {
    pid,
    startedAt,
    url,
    lines,
    ended,
    async untilReady(timeoutMs = defaultTimeoutMs) {
      const signal = AbortSignal.timeout(timeoutMs);
      while (!(await whileAlive(answersOk(`${url}/readyz`)))) {
        if (signal.aborted) throw new Error(`the controller is not ready after ${timeoutMs} ms`);
        await sleep(20);
      }
    },
    untilLogged(matches, timeoutMs = defaultTimeoutMs) {
      const known = lines.find(matches);
      if (known !== undefined) return Promise.resolve(known);
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const listener = (line: string): void => {
        if (matches(line)) resolve(line);
      };
      listeners.add(listener);
      const timer = setTimeout(
        () => reject(new Error(`the controller did not log it within ${timeoutMs} ms`)),
        timeoutMs,
      );
      return whileAlive(promise).finally(() => {
        listeners.delete(listener);
        clearTimeout(timer);
      });
    },
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
    async end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

async function answersOk(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
