import { constants, loadavg } from 'node:os';
import { writeFile } from 'node:fs/promises';
import { readArguments, UsageError, type BenchArguments } from './arguments.ts';
import { createBench, type Bench } from './benchRun.ts';
import { coldStart } from './coldStart.ts';
import { drift } from './drift.ts';
import { failover } from './failover.ts';
import type { Measurement } from './figure.ts';
import { firstSyncRatio } from './firstSyncRatio.ts';
import { currentLoad, untilQuiet } from './load.ts';
import { memory } from './memory.ts';
import { formatJson, formatTable, type Row } from './report.ts';
import { rest } from './rest.ts';
import { restart } from './restart.ts';
import { judge, loadLimit, promisedObjects } from './verdict.ts';

/** In the order of the table of promises. */
const measurements: readonly Measurement[] = [
  firstSyncRatio,
  rest,
  restart,
  drift,
  memory,
  coldStart,
  failover,
];
const ids = measurements.flatMap(({ figures }) => Object.keys(figures));

const usage = `Usage: npm run bench -- [flags]

  --only ID,ID   measures only these figures
  --objects N    so many VaultSecrets instead of 10,000; such a figure is never called met
  --json FILE    writes the figures to the file as well

Figures: ${ids.join(', ')}
`;

/** Answers the exit status: 1 when a figure could not be measured. */
async function main(argv: readonly string[]): Promise<number> {
  const args = readArguments(argv, ids);
  if (args.help) {
    process.stdout.write(usage);
    return 0;
  }
  const bench = createBench(args.objects);
  try {
    return await Promise.race([measureAndReport(bench, args), interruption()]);
  } finally {
    await bench.close();
  }
}

async function measureAndReport(bench: Bench, args: BenchArguments): Promise<number> {
  bench.log(
    `load average ${loadavg()
      .map((load) => load.toFixed(2))
      .join(', ')}`,
  );
  const { rows, failures } = await measureAll(bench, args);
  process.stdout.write(`${formatTable(rows)}\n`);
  if (args.jsonFile !== undefined) await writeFile(args.jsonFile, formatJson(rows));
  return failures === 0 ? 0 : 1;
}

/** The exit status that a shell expects of who was ended by a signal. */
function interruption(): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => resolve(128 + constants.signals[signal]));
    }
  });
}

async function measureAll(
  bench: Bench,
  args: BenchArguments,
): Promise<{ rows: Row[]; failures: number }> {
  const rows: Row[] = [];
  let failures = 0;
  for (const measurement of measurements) {
    const wanted = Object.keys(measurement.figures).filter((id) => args.only?.has(id) ?? true);
    if (wanted.length === 0) continue;
    try {
      const measured = await measure(bench, measurement);
      rows.push(...measured.filter(({ id }) => wanted.includes(id)));
    } catch (error) {
      failures += 1;
      bench.log(`${wanted.join(', ')} cannot be measured: ${String(error)}`);
    }
  }
  return { rows, failures };
}

async function measure(bench: Bench, measurement: Measurement): Promise<Row[]> {
  const isJudged = !measurement.isScaled || bench.objects === promisedObjects;
  const load = isJudged ? await untilQuiet(loadLimit) : currentLoad();
  const entries = Object.entries(measurement.figures);
  bench.log(`measuring ${entries.map(([id]) => id).join(', ')} at a load of ${load.toFixed(2)}`);
  const results = await measurement.measure(bench);
  const circumstances = { objects: measurement.isScaled ? bench.objects : undefined, load };
  return entries.map(([id, figure]) => {
    const result = results[id];
    if (result === undefined) throw new Error(`${id} has no value`);
    return { id, ...figure, ...result, verdict: judge(figure, result, circumstances) };
  });
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  const isUsage = error instanceof UsageError;
  const text = error instanceof Error ? (isUsage ? error.message : error.stack) : String(error);
  process.stderr.write(`bench: ${text}${isUsage ? '; npm run bench -- --help shows how' : ''}\n`);
  process.exit(isUsage ? 2 : 1);
}
