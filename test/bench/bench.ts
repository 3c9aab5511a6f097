import { writeFile } from 'node:fs/promises';
import { constants, loadavg } from 'node:os';
import { readArguments, UsageError, type BenchArguments } from './arguments.ts';
import { coldStart } from './coldStart.ts';
import { drift } from './drift.ts';
import { failover } from './failover.ts';
import type { Measurement } from './figure.ts';
import { firstSyncRatio } from './firstSyncRatio.ts';
import { manyObjects } from './manyObjects.ts';
import { measureAll } from './measureAll.ts';
import { memory } from './memory.ts';
import { overload } from './overload/overload.ts';
import { formatJson, formatTable } from './report.ts';
import { rest } from './rest.ts';
import { restart } from './restart.ts';
import { createSides, type Side } from './sides.ts';

/** In the order of the table of promises. */
const measurements: readonly Measurement[] = [
  firstSyncRatio,
  rest,
  restart,
  drift,
  memory,
  coldStart,
  failover,
  ...overload,
  ...manyObjects,
];
const ids = measurements.flatMap(({ figures }) => Object.keys(figures));

const usage = `Usage: npm run bench -- [flags]

  --only ID,ID     measures only these figures; an id without its part after the dot names all parts
  --objects N      so many VaultSecrets instead of 10,000; such a figure is never called met
  --against PATH   measures the build at this path as well: a checkout with a bundle, or a bundle
  --no-wait        measures at once, whatever else runs on the machine
  --json FILE      writes the figures to the file as well

Figures: ${ids.join(', ')}
`;

/** Answers the exit status: 1 when a figure could not be measured. */
async function main(argv: readonly string[]): Promise<number> {
  const args = readArguments(argv, ids);
  if (args.help) {
    process.stdout.write(usage);
    return 0;
  }
  const sides = createSides(args.objects, args.against);
  try {
    return await Promise.race([measureAndReport(sides, args), interruption()]);
  } finally {
    await Promise.all(sides.map(({ bench }) => bench.close()));
  }
}

async function measureAndReport(sides: readonly Side[], args: BenchArguments): Promise<number> {
  const loads = loadavg().map((load) => load.toFixed(2));
  sides[0]?.bench.log(`load average ${loads.join(', ')}`);
  const { rows, failures } = await measureAll(sides, measurements, args);
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

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  const isUsage = error instanceof UsageError;
  const text = error instanceof Error ? (isUsage ? error.message : error.stack) : String(error);
  process.stderr.write(`bench: ${text}${isUsage ? '; npm run bench -- --help shows how' : ''}\n`);
  process.exit(isUsage ? 2 : 1);
}
