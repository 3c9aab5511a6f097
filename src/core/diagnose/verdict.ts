import { vaultUrlOf } from '../observed/connection.ts';
import type { ReconcileError } from '../errors/errors.ts';
import type { Observed, Verdict } from '../observed/observed.ts';
import { isRefreshDue, refreshIntervalMs } from './schedule.ts';

/** The same objects could not be written before, so they are not read again until the refresh is due. */
export function standingVerdict(observed: Observed): ReconcileError | undefined {
  const { memory, vaultSecret, now } = observed;
  const { verdict } = memory;
  if (verdict === undefined || verdict.question !== questionOf(observed)) return undefined;
  const isDue = isRefreshDue(memory, now, refreshIntervalMs(vaultSecret.spec));
  return isDue ? undefined : verdict.error;
}

export function verdictOn(observed: Observed, error: ReconcileError): Verdict | undefined {
  return error.entry.retry === 'awaitRefresh'
    ? { error, question: questionOf(observed) }
    : undefined;
}

/** Everything but the values that a write depends on, as far as our watches see it. */
function questionOf({ vaultSecret, connection, target }: Observed): string {
  const { generation, refresh, spec } = vaultSecret;
  const vaultUrl = vaultUrlOf(spec, connection);
  return JSON.stringify([generation, refresh, vaultUrl, target?.uid, target?.resourceVersion]);
}
