import { spawn } from 'node:child_process';
import { mkdirSync, openSync, closeSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface ChildProcessOptions {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Output of both streams is written here, over what an earlier process left. */
  readonly logFile: string;
  /** Gets the one message that the process, a Node, sends when it is ready. */
  readonly onMessage?: (message: unknown) => void;
}

/** A process of the test bed that writes to a log file and outlives us unless it is ended. */
export interface ChildProcess {
  readonly name: string;
  readonly pid: number;
  /** Resolves with how it ended; never rejects. */
  readonly ended: Promise<string>;
  /** `awaited`, unless the process ends first. @throws Error with the last lines of its log */
  whileAlive<T>(awaited: Promise<T>): Promise<T>;
  /** Lets the parent end without it. */
  release(): void;
  /** Kills it and waits until it is gone: what a test bed stores is thrown away with it. */
  kill(): Promise<void>;
}

export async function startChildProcess(options: ChildProcessOptions): Promise<ChildProcess> {
  const { name, command, args, logFile, onMessage } = options;
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'w');
  // A process group of its own: Ctrl-C in a terminal reaches only us, and we end it in order.
  const child = spawn(command, args, {
    stdio: ['ignore', log, log, ...(onMessage === undefined ? [] : ['ipc' as const])],
    detached: true,
  });
  if (onMessage !== undefined) child.once('message', onMessage);
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`cannot be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(`ended with ${signal ?? `status ${code}`}`));
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} ${await ended}`);

  return {
    name,
    pid,
    ended,
    whileAlive: (awaited) =>
      Promise.race([
        awaited,
        ended.then((how) => {
          throw new ChildProcessError(`${name} ${how}`, logFile);
        }),
      ]),
    release: () => child.unref(),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A process that ended when it was still needed; the message carries what it said last. */
export class ChildProcessError extends Error {
  override readonly name = 'ChildProcessError';
  readonly lastLines: string;

  constructor(what: string, logFile: string) {
    const lastLines = readLastLines(logFile, 12);
    super(`${what}; the last lines of ${logFile}:\n${lastLines}`);
    this.lastLines = lastLines;
  }
}

function readLastLines(file: string, count: number): string {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  // Go logs stack traces of kilobytes in one line.
  return lines
    .slice(-count)
    .map((line) => `  ${line.slice(0, 400)}`)
    .join('\n');
}
