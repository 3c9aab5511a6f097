import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { controllerCommand, ensureBundle } from './controllerCommand.ts';
import { findFreePort } from './freePorts.ts';
import { writeControllerToken } from './installation.ts';
import { KubeClient } from './kubeClient.ts';
import { startOrphanGuard } from './orphanGuard.ts';
import { isOurs } from './ourProcesses.ts';
import { TestbedError } from './testbedError.ts';
import { controllersDirectory, readTestbedFile, type Testbed } from './testbedFile.ts';

/** The chart's port, unless somebody has it. */
const wishedPort = 8080;
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs the controller in the foreground with a fresh token. Answers its exit status. */
export async function run(directory: string, args: readonly string[]): Promise<number> {
  const testbed = readTestbedFile(directory);
  if (testbed === undefined || !testbed.pids.some((pid) => isOurs(pid, directory))) {
    throw new TestbedError(
      `no test bed is up in ${directory}; npm run testbed -- up --dir ${directory} starts one`,
    );
  }
  await renewToken(testbed, directory);
  ensureBundle((line) => console.error(line));
  const port = await findFreePort(wishedPort);
  console.error(`metrics and health: http://127.0.0.1:${port}, unless --listen says otherwise`);
  const {
    command,
    args: flags,
    env,
  } = controllerCommand(testbed, {
    port,
    leaderElect: true,
    args,
  });

  const guard = startOrphanGuard();
  // A process group of its own: a signal of the terminal would reach it twice, and end it in the middle.
  const child = spawn(command, flags, { env, stdio: 'inherit', detached: true });
  if (child.pid !== undefined) guard.watch(child.pid);
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  for (const signal of forwarded) process.on(signal, forward);
  const registration = join(controllersDirectory(directory), String(child.pid));
  await mkdir(controllersDirectory(directory), { recursive: true });
  await writeFile(registration, '');
  try {
    return statusOf(await once(child, 'exit'));
  } finally {
    await rm(registration, { force: true });
    await guard.release();
  }
}

async function renewToken(
  { kubeconfig, controllerTokenFile }: Testbed,
  directory: string,
): Promise<void> {
  const client = new KubeClient(kubeconfig);
  try {
    await writeControllerToken(client, controllerTokenFile);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TestbedError(
      `the API server of the test bed gives no token for the controller: ${why}; its log is in ${directory}, and npm run testbed -- down --dir ${directory} makes way for a new one`,
      { cause },
    );
  } finally {
    await client.close();
  }
}

/** As a shell would say it. */
function statusOf([status, signal]: unknown[]): number {
  if (typeof status === 'number') return status;
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[String(signal)] ?? 0);
}
