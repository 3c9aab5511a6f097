import { ReconcileError } from '../core/errors.ts';
import { KubeApiError, type StatusCause } from '../ports/kube.ts';

/**
 * The Secret was not in the state that the plan was made for.
 * Nothing was changed; it is observed again, and no status speaks of it.
 */
export class StaleFenceError extends Error {
  override readonly name = 'StaleFenceError';
}

/** Another manager owns a field that was applied. A 409 without causes is a stale fence: seen on kube-apiserver 1.36.3. */
export function isFieldConflict(thrown: unknown): boolean {
  return thrown instanceof KubeApiError && thrown.status === 409 && thrown.causes.length > 0;
}

/** Why the API server did not take a Secret. */
export function secretWriteError(thrown: unknown, namespace: string, secret: string): Error {
  if (!(thrown instanceof KubeApiError))
    return thrown instanceof Error ? thrown : new Error('not an Error', { cause: thrown });
  if (thrown.status === 409)
    return new StaleFenceError('the Secret changed while it was written', { cause: thrown });
  const { status, causes, retryAfterMs } = thrown;
  const field = causes[0]?.field || 'unknown';
  const details = { namespace, secret, status, field };
  return new ReconcileError(reasonOf(thrown), { details, retryAfterMs, cause: thrown });
}

function reasonOf({ status, causes }: KubeApiError) {
  switch (status) {
    case 403:
      return isNamespaceTerminating(causes) ? 'ApiServerUnavailable' : 'SecretWriteForbidden';
    case 400:
    case 422:
      return isImmutable(causes) ? 'SecretImmutable' : 'SecretRefused';
    default:
      return 'ApiServerUnavailable';
  }
}

/** The VaultSecret goes with its namespace, in whatever order: nothing to tell anybody. Seen on kube-apiserver 1.36.3. */
function isNamespaceTerminating(causes: readonly StatusCause[]): boolean {
  return causes.some(({ reason }) => reason === 'NamespaceTerminating');
}

/** ValidateSecretUpdate in pkg/apis/core/validation of kubernetes 1.36.3. */
function isImmutable(causes: readonly StatusCause[]): boolean {
  return causes.some(({ reason, field }) => reason === 'FieldValueForbidden' && field === 'data');
}
