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
}

const minimumObjects = 100;
const maximumObjects = 100_000;

/** @throws UsageError */
export function readArguments(
  argv: readonly string[],
  figureIds: readonly string[],
): BenchArguments {
  const { help = false, json, only, objects } = parse(argv);
  return {
    help,
    objects: readObjects(objects),
    only: only === undefined ? undefined : readIds(only, figureIds),
    jsonFile: json === '' ? refuse('--json needs the name of a file') : json,
  };
}

function parse(argv: readonly string[]) {
  const options = {
    json: { type: 'string' },
    only: { type: 'string' },
    objects: { type: 'string' },
    help: { type: 'boolean' },
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
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown !== undefined)
    refuse(`there is no figure ${unknown}; the figures are ${known.join(', ')}`);
  if (ids.length === 0) refuse(`--only needs ids of figures: ${known.join(', ')}`);
  return new Set(ids);
}

function refuse(problem: string): never {
  throw new UsageError(problem);
}
