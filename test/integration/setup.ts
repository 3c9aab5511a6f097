import type { TestProject } from 'vitest/node';
import { z } from 'zod';
import { cachedBinary } from '../testbed/binaries/binaryCache.ts';
import { ensureBundle } from '../testbed/controllerCommand.ts';
import type { Testbed } from '../testbed/testbedFile.ts';
import { startWorld, type World } from '../testbed/world.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The one test bed of all integration tests; `openWorld` makes it usable. */
    readonly testbed: Testbed;
  }
}

let world: World | undefined;

/** Fails, and with it the run, when there can be no API server: these tests are never skipped. */
export async function setup(project: TestProject): Promise<void> {
  const log = (line: string): void => console.error(`test bed: ${line}`);
  // Here, before the workers would do it at the same time.
  ensureBundle(log);
  await cachedBinary('helm', log);
  world = await startWorld({ log });
  const { gitVersion } = z
    .object({ gitVersion: z.string() })
    .parse(await world.kube.send({ path: '/version' }));
  log(`the API server is ${gitVersion}, from ${world.testbed.controlPlane}`);
  project.provide('testbed', world.testbed);
}

export async function teardown(): Promise<void> {
  await world?.close();
}
