import type { TestProject } from 'vitest/node';
import { startCluster, type ClusterAddresses } from './cluster.ts';
import { readSite } from './site.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly cluster: ClusterAddresses;
  }
}

/** Nothing is ended here: all of it dies with the namespaces, when the tests end in whatever way. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const startedAt = Date.now();
  const log = (line: string): void =>
    console.error(`e2e: ${line} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  const cluster = await startCluster(readSite(), log);
  project.provide('cluster', cluster.addresses);
  return () => cluster.release();
}
