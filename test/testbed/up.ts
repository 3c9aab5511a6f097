import { mkdir } from 'node:fs/promises';
import { isOurs } from './ourProcesses.ts';
import { startTestbed, type TestbedOptions } from './startTestbed.ts';
import { TestbedError } from './testbedError.ts';
import { readTestbedFile, writeTestbedFile } from './testbedFile.ts';

/** Starts the test bed and leaves it running. */
export async function up(options: Omit<TestbedOptions, 'log'>): Promise<void> {
  const { directory } = options;
  const earlier = readTestbedFile(directory);
  if (earlier?.pids.some((pid) => isOurs(pid, directory)) === true) {
    throw new TestbedError(
      `the test bed in ${directory} is up already; npm run testbed -- down --dir ${directory} stops it`,
    );
  }
  await mkdir(directory, { recursive: true });
  const running = await startTestbed({ ...options, log: (line) => console.error(line) });
  await writeTestbedFile(directory, running.testbed);
  await running.release();
  const { controlPlane, kubeconfig } = running.testbed;
  process.stdout.write(`The test bed is up: ${controlPlane}, and the Azure stand-in.

  export KUBECONFIG=${kubeconfig}
  npm run testbed -- run --dir ${directory}     runs the controller
  npm run testbed -- down --dir ${directory}    stops everything
`);
}
