import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startOrphanGuard } from '../../testbed/orphanGuard.ts';
import { siteVariable, type Site, type Tools } from '../site.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface Prepared {
  readonly directory: string;
  readonly tools: Tools;
  /** Archives that hold an image each. */
  readonly images: readonly string[];
  readonly vitestArguments: readonly string[];
  readonly log: (line: string) => void;
}

/** A cluster that the tests can run on. */
export interface Place {
  /** Before the minutes that the rest may take. @throws TestbedError when it cannot work here */
  check?(): Promise<void>;
  /** Runs the tests and leaves nothing behind. @returns the exit status of vitest */
  run(prepared: Prepared): Promise<number>;
}

type Start = (command: readonly string[], env: NodeJS.ProcessEnv) => ChildProcess;

export async function runTests(
  { directory, tools, vitestArguments }: Prepared,
  place: Site['place'],
  start: Start = startHere,
): Promise<number> {
  const siteFile = join(directory, 'site.json');
  const site: Site = { directory, tools, place };
  await writeFile(siteFile, JSON.stringify(site));
  const command = [
    process.execPath,
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--config',
    join(ROOT, 'vitest.e2e.config.ts'),
    ...vitestArguments,
  ];
  const guard = startOrphanGuard();
  const tests = start(command, { ...process.env, [siteVariable]: siteFile });
  if (tests.pid !== undefined) guard.watch(tests.pid);
  // Ctrl-C reaches the tests as well, which end in order; this process outlives them to clean up.
  process.on('SIGINT', () => {});
  process.once('SIGTERM', () => tests.kill('SIGKILL'));
  const [code] = await once(tests, 'exit');
  await guard.release();
  return typeof code === 'number' ? code : 1;
}

function startHere([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv) {
  return spawn(program, args, { stdio: 'inherit', env });
}
