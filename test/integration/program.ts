import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished } from 'vitest';
import { controllerCommand } from '../testbed/controllerCommand.ts';
import type { Testbed } from '../testbed/testbedFile.ts';

export interface Outcome {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

type Variables = Readonly<Record<string, string>>;

/** A program that should end and does not shows what it said, and status `null`. */
const deadlineMs = 30_000;

/** Runs the program to its end, with these variables only. */
export async function outcomeOf(
  testbed: Testbed,
  args: readonly string[],
  env: Variables = {},
): Promise<Outcome> {
  const { command, args: flags } = controllerCommand(testbed, { port: 0, leaderElect: false });
  const program = flags.slice(0, flags.indexOf('run'));
  const child = spawn(command, [...program, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: deadlineMs,
    killSignal: 'SIGKILL',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [[status], output, errors] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { status, output, errors };
}

/** The same as the chart starts it, but for these flags. */
export function outcomeOfRun(testbed: Testbed, ...args: readonly string[]): Promise<Outcome> {
  const { args: flags } = controllerCommand(testbed, { port: 0, leaderElect: false, args });
  return outcomeOf(testbed, flags.slice(flags.indexOf('run')));
}

/** One line on standard error that says what is wrong, and nothing else. */
export function oneLine(status: number, line: string | RegExp): object {
  const errors = /^vaultsecret: [^\n]+\n$/;
  return {
    status,
    output: '',
    errors: expect.toSatisfy(
      (text: string) =>
        errors.test(text) && (typeof line === 'string' ? text.includes(line) : line.test(text)),
      `be one line with: ${line}`,
    ),
  };
}
