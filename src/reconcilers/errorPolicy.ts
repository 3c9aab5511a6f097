import { ReconcileError } from '../core/errors/errors.ts';
import type { ErrorAction } from '../ports/controller.ts';
import { KubeApiError } from '../ports/kube.ts';

/** Retry apart from work: what the queue does with a key whose reconcile failed. */
export function errorPolicy(error: unknown): ErrorAction {
  if (error instanceof KubeApiError) return afterOrBackoff(error.retryAfterMs);
  if (!(error instanceof ReconcileError)) return { action: 'backoff' };
  const code = error.reason;
  switch (error.entry.retry) {
    case 'awaitChange':
      return { action: 'awaitChange', code };
    case 'throttled':
    case 'backoff':
    case 'pollChange':
    case 'pollVault':
    case 'awaitRefresh':
      return { ...afterOrBackoff(error.retryAfterMs), code };
  }
}

/** A service that asks for no wait at all, or for an endless one, must neither make us turn in circles nor stop us. */
function afterOrBackoff(delayMs = 0): ErrorAction {
  return delayMs > 0 && Number.isFinite(delayMs)
    ? { action: 'after', delayMs }
    : { action: 'backoff' };
}
