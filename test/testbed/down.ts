import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endProcesses } from './ourProcesses.ts';
import { removeContainer } from './removeContainer.ts';
import { controllersDirectory, readTestbedFile, removeTestbedFile } from './testbedFile.ts';

const controllerGraceMs = 10_000;
const killGraceMs = 5_000;

/** Stops everything that `up` and `run` started; what is gone already is no error. */
export async function down(directory: string): Promise<void> {
  const testbed = readTestbedFile(directory);
  if (testbed === undefined) {
    process.stdout.write(`No test bed is up in ${directory}.\n`);
    return;
  }
  const controllers = await readdir(controllersDirectory(directory)).catch(() => []);
  const ended =
    (await endProcesses(controllers.map(Number), {
      directory,
      signal: 'SIGTERM',
      graceMs: controllerGraceMs,
    })) +
    (await endProcesses(testbed.pids, { directory, signal: 'SIGKILL', graceMs: killGraceMs }));
  if (testbed.container !== undefined) removeContainer(testbed.container);
  // Nobody needs what the cluster held; the log files stay.
  const useless = [controllersDirectory(directory), join(directory, 'control-plane', 'etcd')];
  await Promise.all(useless.map((path) => rm(path, { recursive: true, force: true })));
  await removeTestbedFile(directory);
  process.stdout.write(
    ended > 0
      ? `The test bed in ${directory} is down, ${ended} ${ended === 1 ? 'process' : 'processes'} ended.\n`
      : `Nothing of the test bed in ${directory} was running any more.\n`,
  );
}
