import { ReconcileError } from '../core/errors.ts';
import { KubeApiError } from '../ports/kube.ts';

export type RetryDecision =
  | { readonly action: 'backoff' }
  | { readonly action: 'after'; readonly delayMs: number }
  | { readonly action: 'awaitChange' };

/** Retry apart from work: what the queue does with a key whose reconcile failed. */
export function errorPolicy(error: unknown): RetryDecision {
  if (error instanceof KubeApiError) return afterOrBackoff(error.retryAfterMs);
  if (!(error instanceof ReconcileError)) return { action: 'backoff' };
  switch (error.entry.retry) {
    case 'awaitChange':
      return { action: 'awaitChange' };
    case 'throttled':
    case 'backoff':
    case 'pollChange':
      return afterOrBackoff(error.retryAfterMs);
  }
}

function afterOrBackoff(delayMs: number | undefined): RetryDecision {
  return delayMs === undefined ? { action: 'backoff' } : { action: 'after', delayMs };
}
