import { ReconcileError } from '../core/errors.ts';
import { KubeApiError } from '../ports/kube.ts';

/**
 * The Secret was not in the state that the plan was made for.
 * Nothing was changed; it is observed again, and no status speaks of it.
 */
export class StaleFenceError extends Error {
  override readonly name = 'StaleFenceError';
}

/** Why the API server did not take a Secret. */
export function secretWriteError(thrown: unknown, namespace: string, secret: string): Error {
  if (!(thrown instanceof KubeApiError))
    return thrown instanceof Error ? thrown : new Error('not an Error', { cause: thrown });
  const { status, causes, retryAfterMs } = thrown;
  const options = {
    details: { namespace, secret, status, field: causes[0]?.field ?? 'unknown' },
    retryAfterMs,
    cause: thrown,
  };
  switch (status) {
    case 409:
      return new StaleFenceError('the Secret changed while it was written', { cause: thrown });
    case 403:
      return new ReconcileError('SecretWriteForbidden', options);
    case 400:
    case 422:
      return new ReconcileError('SecretRefused', options);
    default:
      return new ReconcileError('ApiServerUnavailable', options);
  }
}
