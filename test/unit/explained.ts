import { inspect } from 'node:util';
import { expect } from 'vitest';
import type { ErrorReason } from '../../src/core/errors/errorCatalogue.ts';
import { explain, ReconcileError } from '../../src/core/errors/errors.ts';

/** What a failure must say: its reason, and names and commands in its explanation. */
export interface Expected {
  readonly reason: ErrorReason;
  readonly tells: readonly string[];
}

/** The failure, after a look that it says what it must, and nothing of a token, a value or a service's text. */
export async function explained(
  work: Promise<unknown>,
  tells: readonly string[],
): Promise<ReconcileError> {
  const thrown = await work.catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(ReconcileError);
  const error = thrown as ReconcileError;
  const text = explain(error);
  expect(text.slice(0, 7)).toBe(`${error.entry.code}: `);
  for (const words of tells) expect(text).toContain(words);
  expect(text).not.toMatch(/undefined|[{}]|Trace ID|hunter2|\r/);
  expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/ey[JI][\w-]{8}|hunter2/);
  return error;
}
