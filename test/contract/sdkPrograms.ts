import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheRoot } from '../testbed/binaries/binaryCache.ts';
import { takeBuildLock } from '../testbed/binaries/buildLock.ts';

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
  const { stdout } = await run(command, args, environment);
  const printed: unknown = JSON.parse(stdout);
  return printed;
}

interface Cached {
  name: string;
  what: string;
  /** Makes the directory; it is called at most once at a time. */
  make: (directory: string) => Promise<void>;
}

/** A directory below the cache that is whole as soon as it is there under its name. */
async function cached({ name, what, make }: Cached): Promise<string> {
  const directory = join(cacheRoot(), name);
  const marker = join(directory, '.complete');
  if (existsSync(marker)) return directory;
  await mkdir(cacheRoot(), { recursive: true });
  const log = (line: string): void => console.log(line);
  const release = await takeBuildLock(`${directory}.lock`, { what, log });
  const startedAt = Date.now();
  const elapsed = (): string => `${Math.round((Date.now() - startedAt) / 1000)} s`;
  const progress = setInterval(() => log(`installing ${what}: ${elapsed()}`), 15_000);
  try {
    if (existsSync(marker)) return directory;
    log(`installing ${what}, once; kept as ${directory}`);
    await rm(directory, { recursive: true, force: true });
    await make(directory);
    await writeFile(marker, '');
    log(`installed ${what} in ${elapsed()}`);
  } finally {
    clearInterval(progress);
    await release();
  }
  return directory;
}

function digest(...files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

function run(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<{ stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.once('error', (cause) =>
      reject(new Error(`${command} cannot be run: is it installed?`, { cause })),
    );
    child.once('close', (code) => {
      if (code === 0) resolve({ stdout });
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}: ${stderr}`));
    });
  });
}
