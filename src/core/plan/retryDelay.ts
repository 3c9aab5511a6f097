import { delay } from '../delay.ts';
import { ReconcileError } from '../errors/errors.ts';
import type { Observed } from '../observed/observed.ts';
import { refreshIntervalMs, retryDelayMs } from '../diagnose/schedule.ts';

interface Pace {
  /** In a row, this one included. */
  readonly failures: number;
  /** Milliseconds since the Unix epoch. */
  readonly refreshAt: number;
}

/**
 * A service knows best when to ask it again; where none says, the tries are spaced out. A failure that needs an action
 * may also end at a known time: then it is tried at that time, and before it as usual.
 */
export function withRetryDelay(
  { vaultSecret: { spec, uid }, now }: Observed,
  error: ReconcileError,
  { failures, refreshAt }: Pace,
): ReconcileError {
  const { retryAfterMs = 0 } = error;
  const intervalMs = refreshIntervalMs(spec);
  const untilAskedMs = retryAfterMs > 0 ? retryAfterMs : Infinity;
  const ownMs = (longestMs?: number): number => retryDelayMs(failures, intervalMs, uid, longestMs);
  switch (retryClassOf(error)) {
    case 'awaitChange':
      return error;
    case 'awaitRefresh':
      return error.after(delay(refreshAt - now));
    case 'pollVault':
      return error.after(Math.min(ownMs(intervalMs), untilAskedMs));
    case 'pollChange':
      return error.after(Math.min(ownMs(), untilAskedMs));
    case 'backoff':
    case 'throttled':
      return retryAfterMs > 0 ? error : error.after(ownMs());
  }
}

/** With a lent identity the cause decides, which the user may not see. */
function retryClassOf({ reason, entry, cause }: ReconcileError) {
  const isConcealed = reason === 'LentReadRefused' && cause instanceof ReconcileError;
  return isConcealed ? cause.entry.retry : entry.retry;
}
