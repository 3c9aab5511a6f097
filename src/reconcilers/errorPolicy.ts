import { ReconcileError } from '../core/errors/errors.ts';
import { KubeApiError } from '../ports/kube.ts';

/** `code`: the reason in the catalogue, for the log. */
export type RetryDecision =
  | { readonly action: 'backoff'; readonly code?: string }
  | { readonly action: 'after'; readonly delayMs: number; readonly code?: string }
  | { readonly action: 'awaitChange'; readonly code?: string };

/** Retry apart from work: what the queue does with a key whose reconcile failed. */
export function errorPolicy(error: unknown): RetryDecision {
  if (error instanceof KubeApiError) return afterOrBackoff(error.retryAfterMs);
  if (!(error instanceof ReconcileError)) return { action: 'backoff' };
  const code = error.reason;
  switch (error.entry.retry) {
    case 'awaitChange':
      return { action: 'awaitChange', code };
    case 'throttled':
    case 'backoff':
    case 'pollChange':
      return { ...afterOrBackoff(error.retryAfterMs), code };
  }
}

/** A service that asks for no wait at all must not make us turn in circles. */
function afterOrBackoff(delayMs = 0): RetryDecision {
  return delayMs > 0 ? { action: 'after', delayMs } : { action: 'backoff' };
}
