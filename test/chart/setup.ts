import { cachedBinary } from '../testbed/binaries/binaryCache.ts';

/** Fails, and with it the run, when there can be no helm: these tests are never skipped. */
export async function setup(): Promise<void> {
  await cachedBinary('helm', (line) => console.error(`chart: ${line}`));
}
