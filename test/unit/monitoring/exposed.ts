import { surveyFleet } from '../../../src/core/status/fleet.ts';
import { createMetrics } from '../../../src/observability/metrics.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { exercise, exerciseVault } from '../observability/exercise.ts';
import { readPromql } from './promql.ts';

/** What Prometheus adds to each series. `cluster`: Azure Managed Prometheus, and whoever has several clusters. */
const ofTheTarget = ['cluster', 'namespace', 'job', 'pod', 'instance'];

/** Values of each label of each metric that the registry of a controller exposes. */
type Exposed = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

export async function exposed(): Promise<Exposed> {
  const metrics = createMetrics('1', createManualClock(0));
  exercise(metrics);
  exerciseVault(metrics, 'shop');
  metrics.fleet(() => surveyFleet([]));
  metrics.lateness(() => ({ overdueMs: 0, longestWaitMs: [['resync', 0]] }));
  const found = new Map<string, Map<string, Set<string>>>();
  const text = await metrics.registry.metrics();
  for (const [, metric = '', labels = ''] of text.matchAll(/^([a-z_]+)(?:\{(.*)\})? /gm)) {
    const known = found.get(metric) ?? new Map<string, Set<string>>();
    found.set(metric, known);
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g))
      known.set(label, (known.get(label) ?? new Set()).add(value));
  }
  return found;
}

/** What an expression asks for and no controller exposes: it would be empty for ever. */
export function missingIn(known: Exposed, expression: string): string[] {
  const { selectors, groupings } = readPromql(expression);
  const missing = selectors.flatMap(({ metric, labels, values }) => {
    const series = known.get(metric);
    if (series === undefined) return [metric];
    return [
      ...labels.filter((label) => !series.has(label) && !ofTheTarget.includes(label)),
      ...Object.entries(values)
        .filter(([label, value]) => series.get(label)?.has(value) !== true)
        .map(([label, value]) => `${label}="${value}"`),
    ];
  });
  const all = selectors.flatMap(({ metric }) => [...(known.get(metric)?.keys() ?? [])]);
  const strange = groupings.filter((label) => ![...all, ...ofTheTarget].includes(label));
  return [...missing, ...strange];
}
