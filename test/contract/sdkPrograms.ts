import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { cached, digest, run } from './programCache.ts';

/** How to run the small program that uses the official SDKs of a language. */
export interface SdkProgram {
  command: string;
  args: readonly string[];
}

const pythonFolder = join(import.meta.dirname, 'python-sdk');
const goFolder = join(import.meta.dirname, 'go-sdk');

/** What the programs do: read a vault, or get a token by the way that the argument names. */
export type SdkTask = 'read' | 'get-token';

/** The Python program in a virtual environment of exactly the pinned packages, made once. */
export async function pythonProgram(task: SdkTask): Promise<SdkProgram> {
  const requirements = join(pythonFolder, 'requirements.txt');
  const { stdout } = await run('python3', ['--version']);
  const [, version = ''] = stdout.trim().split(' ');
  const environment = await cached({
    name: `python-${version}-${digest(requirements)}`,
    what: 'the official Python SDKs',
    async make(directory) {
      await run('python3', ['-m', 'venv', directory]);
      const pip = ['-m', 'pip', 'install', '--quiet', '--requirement', requirements];
      await run(join(directory, 'bin', 'python'), pip);
    },
  });
  const script = join(pythonFolder, `${task.replace('-', '_')}.py`);
  return { command: join(environment, 'bin', 'python'), args: [script] };
}

/** The Go program, built once for each state of its sources. */
export async function goProgram(task: SdkTask): Promise<SdkProgram> {
  const files = ['go.mod', 'go.sum', 'main.go', 'get-token/main.go'];
  const sources = files.map((file) => join(goFolder, file));
  const directory = await cached({
    name: `go-sdk-${digest(...sources)}`,
    what: 'the programs with the official Go SDKs',
    async make(into) {
      await mkdir(into);
      const packages = { read: '.', 'get-token': './get-token' };
      for (const [name, path] of Object.entries(packages))
        await run('go', ['build', '-C', goFolder, '-o', join(into, name), path]);
    },
  });
  return { command: join(directory, task), args: [] };
}

/** Runs a program with this environment only, and answers the JSON that it prints. */
export async function runProgram(
  { command, args }: SdkProgram,
  environment: Readonly<Record<string, string>>,
): Promise<unknown> {
  const { stdout } = await run(command, args, { environment });
  const printed: unknown = JSON.parse(stdout);
  return printed;
}
