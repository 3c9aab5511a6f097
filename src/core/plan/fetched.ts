import { concealed, type Access } from '../access/access.ts';
import { isDefinite } from '../errors/errorCatalogue.ts';
import type { ReconcileError, Result } from '../errors/errors.ts';
import type { SourceValue } from '../source/sourceRef.ts';

/** What was read or obtained, by `sourceKey`. */
export type Fetched = ReadonlyMap<string, Result<SourceValue>>;

export function valuesOf(fetched: Fetched): ReadonlyMap<string, SourceValue> {
  const values = new Map<string, SourceValue>();
  for (const [key, result] of fetched) if (result.ok) values.set(key, result.value);
  return values;
}

/** A failure that needs an action is shown before a temporary one, and of several the one that is tried again soonest. */
export function failureOf(access: Result<Access>, fetched: Fetched): ReconcileError | undefined {
  if (!access.ok) return access.error;
  const errors = [...fetched.values()].flatMap((result) => (result.ok ? [] : [result.error]));
  const definite = errors.filter(({ reason }) => isDefinite(reason));
  const isPatient = ({ entry }: ReconcileError): number => Number(entry.retry === 'pollVault');
  const byPace = definite.toSorted((left, right) => isPatient(left) - isPatient(right));
  const error = soonest(byPace) ?? errors[0];
  return error && concealed(error, access.value.identity);
}

/** The first of them, to be tried again when the first of them may be over. */
function soonest([first, ...others]: readonly ReconcileError[]): ReconcileError | undefined {
  const delaysMs = [first, ...others].flatMap((error) => error?.retryAfterMs ?? []);
  return delaysMs.length === 0 ? first : first?.after(Math.min(...delaysMs));
}
