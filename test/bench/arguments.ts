import { parseArgs } from 'node:util';
import { promisedObjects } from './verdict.ts';

/** Wrong usage: one line, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface BenchArguments {
  readonly help: boolean;
  readonly objects: number;
  /** Ids of figures; all when not given. */
  readonly only: ReadonlySet<string> | undefined;
  readonly jsonFile: string | undefined;
  /** The bundle to compare with, or the checkout that it was built in. */
  readonly against: string | undefined;
  /** False: measures at once, whatever else runs. */
  readonly waits: boolean;
}

const minimumObjects = 100;
const maximumObjects = 100_000;

/** @throws UsageError */
export function readArguments(
  argv: readonly string[],
  figureIds: readonly string[],
): BenchArguments {
  const { against, help = false, json, only, objects, 'no-wait': noWait = false } = parse(argv);
  return {
    help,
    objects: readObjects(objects),
    only: only === undefined ? undefined : readIds(only, figureIds),
    jsonFile: json === '' ? refuse('--json needs the name of a file') : json,
    against,
    waits: !noWait,
  };
}

function parse(argv: readonly string[]) {
  const options = {
    against: { type: 'string' },
    json: { type: 'string' },
    only: { type: 'string' },
    objects: { type: 'string' },
    help: { type: 'boolean' },
    'no-wait': { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    return refuse(error instanceof Error ? (error.message.split(/\. |\n/)[0] ?? '') : '');
  }
}

function readObjects(text = String(promisedObjects)): number {
  const objects = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (objects < minimumObjects || objects > maximumObjects) {
    refuse(`--objects must be a number from ${minimumObjects} to ${maximumObjects}, not ${text}`);
  }
  return objects;
}

function readIds(text: string, known: readonly string[]): ReadonlySet<string> {
  const ids = text.split(',').filter((id) => id !== '');
  if (ids.length === 0) refuse(`--only needs ids of figures: ${known.join(', ')}`);
  return new Set(ids.flatMap((id) => figuresOf(id, known)));
}

/** The figure with this id, or all whose id begins with it and a dot. */
function figuresOf(id: string, known: readonly string[]): string[] {
  const figures = known.filter((figure) => figure === id || figure.startsWith(`${id}.`));
  if (figures.length > 0) return figures;
  return refuse(`there is no figure ${id}; the figures are ${known.join(', ')}`);
}

function refuse(problem: string): never {
  throw new UsageError(problem);
}
