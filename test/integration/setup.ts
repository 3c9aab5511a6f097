import { startWorld, type World } from '../testbed/world.ts';
import type { Testbed } from '../testbed/testbedFile.ts';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The one test bed of all integration tests; `openWorld` makes it usable. */
    readonly testbed: Testbed;
  }
}

let world: World | undefined;

/** Fails, and with it the run, when there can be no API server: these tests are never skipped. */
export async function setup(project: TestProject): Promise<void> {
  world = await startWorld({ log: (line) => console.error(`test bed: ${line}`) });
  project.provide('testbed', world.testbed);
}

export async function teardown(): Promise<void> {
  await world?.close();
}
