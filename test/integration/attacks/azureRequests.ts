import type { World } from '../../testbed/world.ts';

type Count = Awaited<ReturnType<World['azure']['requestCounts']>>['counts'][number];

/** How many requests of which Azure keeps count are like this one. */
export async function countRequests({ azure }: World, like: Partial<Count>): Promise<number> {
  const { counts } = await azure.requestCounts();
  return sumOf(counts, like);
}

/** Of counts that were taken at one moment. */
export function sumOf(counts: readonly Count[], like: Partial<Count>): number {
  return counts
    .filter((count) =>
      Object.entries(like).every(([field, value]) => Reflect.get(count, field) === value),
    )
    .reduce((total, { count }) => total + count, 0);
}
