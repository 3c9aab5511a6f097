import { mkdtemp, readdir, readFile, rm, watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControllerProcess } from '../../testbed/controllerProcess.ts';

/** Without it, V8 cuts each string of a snapshot after 1,024 characters. */
const wholeStrings =
  'import{setFlagsFromString}from"node:v8";setFlagsFromString("--heap-snapshot-string-limit=1000000000")';

/** Takes what a controller holds in memory: every string that anything in it still leads to. */
export interface HeapCamera {
  /** Of the controller. */
  readonly env: Readonly<Record<string, string>>;
  take(controller: ControllerProcess): Promise<Buffer>;
  close(): Promise<void>;
}

export async function createHeapCamera(): Promise<HeapCamera> {
  const directory = await mkdtemp(join(tmpdir(), 'vaultsecret-heap-'));
  const preload = `data:text/javascript,${encodeURIComponent(wholeStrings)}`;
  return {
    env: {
      NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${directory} --import=${preload}`,
    },
    async take(controller) {
      const appears = untilFileAppears(directory);
      process.kill(controller.pid, 'SIGUSR2');
      const file = await appears;
      // It is written in one go, which holds up everything else: after the next answer it is whole.
      await controller.metrics();
      const snapshot = await readFile(join(directory, file));
      await rm(join(directory, file));
      return snapshot;
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

async function untilFileAppears(directory: string): Promise<string> {
  const signal = AbortSignal.timeout(30_000);
  for await (const { filename } of watch(directory, { signal })) {
    const files = await readdir(directory);
    if (filename !== null && files.includes(filename)) return filename;
  }
  throw new Error('the controller wrote no snapshot');
}
