import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Duplex } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';

const guardFile = resolve(import.meta.dirname, '../../testbed/orphanGuard.ts');

/** Pipes of two children, which echo until their input ends. Not 0: Node closes that with the parent. */
const first = { input: 3, output: 4 };
const second = { input: 5, output: 6 };

/** A process with a guard that watches two children. */
function startParent(act: string): ChildProcess {
  const program = `
    const { spawn } = await import('node:child_process');
    const { startOrphanGuard } = await import(${JSON.stringify(guardFile)});
    const guard = startOrphanGuard();
    const startCat = (...pipes) => {
      // Else it would inherit the pipes of the other as well.
      const none = Array(5).fill('ignore');
      return spawn('cat', { stdio: [...pipes, ...none], detached: true });
    };
    const first = startCat(${first.input}, ${first.output});
    const second = startCat(${second.input}, ${second.output});
    guard.watch(first.pid);
    guard.watch(second.pid);
    ${act}
    console.log('ready');
    setInterval(() => {}, 1_000_000);
  `;
  return spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
}

let parent: ChildProcess;
afterEach(() => {
  pipe(first.input).end();
  pipe(second.input).end();
});

function pipe(descriptor: number): Duplex {
  const found = parent.stdio[descriptor];
  if (!(found instanceof Duplex)) throw new Error('the pipe is missing');
  return found;
}

async function startAndKill(act: string, signal: NodeJS.Signals): Promise<void> {
  parent = startParent(act);
  if (parent.stdout === null) throw new Error('the pipe is missing');
  await once(parent.stdout, 'data');
  const exited = once(parent, 'exit');
  parent.kill(signal);
  await exited;
}

/** A pipe ends when all who could write to it are gone. */
async function hasEnded({ output }: { readonly output: number }): Promise<boolean> {
  const stream = pipe(output).resume();
  if (!stream.readableEnded) await once(stream, 'end');
  return true;
}

async function echoOf({ input, output }: { readonly input: number; readonly output: number }) {
  pipe(input).write('alive');
  const [chunk] = await once(pipe(output), 'data');
  return String(chunk);
}

test.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
  'what is watched ends with us when we are ended by %s',
  async (signal) => {
    await startAndKill('', signal);

    expect(await Promise.all([hasEnded(first), hasEnded(second)])).toEqual([true, true]);
  },
);

test('what is forgotten lives on, while the rest ends', async () => {
  await startAndKill('guard.forget(first.pid);', 'SIGKILL');

  expect(await hasEnded(second)).toBe(true);
  expect(await echoOf(first)).toBe('alive');
});

test('what a released guard watched lives on', async () => {
  await startAndKill('await guard.release();', 'SIGKILL');

  expect(await echoOf(first)).toBe('alive');
  expect(await echoOf(second)).toBe('alive');
});

test.each(['SIGKILL', 'SIGINT'] as const)(
  'a folder goes when we are ended by %s, after what could write into it',
  async (signal) => {
    const folder = mkdtempSync(join(tmpdir(), "with a blank and a quote'-"));
    await startAndKill(`guard.watchFolder(${JSON.stringify(folder)});`, signal);

    await hasEnded(first);
    await vi.waitFor(() => expect(existsSync(folder)).toBe(false), 5_000);
  },
);
