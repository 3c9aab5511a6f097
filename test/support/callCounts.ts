import { Session } from 'node:inspector/promises';

/**
 * How often `act` calls each function of the files under `folder`, by name. V8 itself counts, as for code coverage: no
 * module is replaced. https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#method-takePreciseCoverage
 */
export async function callCounts(
  folder: string,
  act: () => unknown,
): Promise<ReadonlyMap<string, number>> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    await act();
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const calls = result
      .filter(({ url }) => url.includes(folder))
      .flatMap(({ functions }) => functions)
      .map(({ functionName, ranges: [whole] }) => [functionName, whole?.count ?? 0] as const);
    const byName = Map.groupBy(calls, ([name]) => name);
    return new Map(
      [...byName].map(([name, all]) => [name, all.reduce((sum, [, count]) => sum + count, 0)]),
    );
  } finally {
    session.disconnect();
  }
}
