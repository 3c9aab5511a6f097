import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheRoot } from '../testbed/binaries/binaryCache.ts';
import { takeBuildLock } from '../testbed/binaries/buildLock.ts';

interface Cached {
  name: string;
  what: string;
  /** Makes the directory; it is called at most once at a time. */
  make: (directory: string) => Promise<void>;
}

/** A directory below the cache that is whole as soon as it is there under its name. */
export async function cached({ name, what, make }: Cached): Promise<string> {
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

/** Of the content of these files. */
export function digest(...files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
}

/** Runs a program to its end, and answers what it printed. */
export function run(
  command: string,
  args: readonly string[],
  { environment = process.env, input = '' }: RunOptions = {},
): Promise<{ stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: environment, stdio: 'pipe' });
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
    // Who ends without reading has said why already.
    child.stdin.once('error', () => {});
    child.stdin.end(input);
  });
}
