import type { BenchArguments } from './arguments.ts';
import type { Measured, Measurement } from './figure.ts';
import { currentLoad, untilQuiet } from './load.ts';
import type { Row } from './report.ts';
import { inTurn, type Side } from './sides.ts';
import { judge, loadLimit, promisedObjects } from './verdict.ts';

type Wanted = Pick<BenchArguments, 'only' | 'waits'>;

/** What one build has shown, and the load average before. */
interface Result {
  readonly side: Side;
  readonly load: number;
  readonly measured: Readonly<Record<string, Measured>>;
}

/** A figure that one build fails at has no row when it is ours, and no second value when it is the other. */
export async function measureAll(
  sides: readonly Side[],
  measurements: readonly Measurement[],
  { only, waits }: Wanted,
): Promise<{ rows: Row[]; failures: number }> {
  const rows: Row[] = [];
  let failures = 0;
  for (const [index, measurement] of measurements.entries()) {
    const ids = Object.keys(measurement.figures).filter((id) => only?.has(id) ?? true);
    if (ids.length === 0) continue;
    const results: Result[] = [];
    for (const side of inTurn(sides, index)) {
      try {
        results.push(await measure(side, measurement, waits));
      } catch (error) {
        failures += 1;
        side.bench.log(`${ids.join(', ')} cannot be measured of ${side.name}: ${String(error)}`);
      }
    }
    rows.push(...rowsOf(measurement, results, ids));
  }
  return { rows, failures };
}

async function measure(side: Side, measurement: Measurement, waits: boolean): Promise<Result> {
  const { bench, name } = side;
  const load = waits && isJudged(measurement, side) ? await untilQuiet(loadLimit) : currentLoad();
  const ids = Object.keys(measurement.figures);
  bench.log(`measuring ${ids.join(', ')} of ${name} at a load of ${load.toFixed(2)}`);
  const measured: Readonly<Record<string, Measured>> = await measurement.measure(bench);
  for (const id of ids) {
    const { value, note = '' } = measured[id] ?? {};
    if (value === undefined) throw new Error(`${id} has no value`);
    bench.log(`${id} of ${name}: ${value.toFixed(3)} ${note}`);
  }
  return { side, load, measured };
}

function isJudged({ isScaled }: Measurement, { bench }: Side): boolean {
  return !isScaled || bench.objects === promisedObjects;
}

function rowsOf(
  { figures, isScaled }: Measurement,
  results: readonly Result[],
  ids: readonly string[],
): Row[] {
  const own = results.find(({ side }) => side.isOwn);
  const other = results.find(({ side }) => !side.isOwn);
  if (own === undefined) return [];
  const circumstances = { objects: isScaled ? own.side.bench.objects : undefined, load: own.load };
  return ids.flatMap((id) => {
    const figure = figures[id];
    const measured = own.measured[id];
    if (figure === undefined || measured === undefined) return [];
    const verdict = judge(figure, measured, circumstances);
    return [{ id, ...figure, ...measured, verdict, other: other?.measured[id] }];
  });
}
