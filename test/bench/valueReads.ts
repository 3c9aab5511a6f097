import type { AzureAdmin } from '../testbed/azureAdmin.ts';

const kinds: ReadonlySet<string> = new Set(['get', 'getVersion']);

/** Values that the stand-in gave out since its counters were last reset. */
export async function countValueReads(azure: AzureAdmin): Promise<number> {
  const { counts } = await azure.requestCounts();
  return counts
    .filter(({ kind, status }) => kinds.has(kind) && status === 200)
    .reduce((sum, { count }) => sum + count, 0);
}
