import { explain, ReconcileError } from '../core/errors/errors.ts';
import type { VaultSecret } from '../core/observed/observed.ts';
import { admissionError, rightDetails } from '../core/errors/refusedBy.ts';
import { targetName } from '../core/observed/target.ts';
import { KubeApiError, type StatusCause } from '../ports/kube.ts';

/**
 * What was to be written was not in the state that the plan was made for.
 * It was not changed; it is observed again, and no status speaks of it.
 */
export class StaleFenceError extends Error {
  override readonly name = 'StaleFenceError';
}

/** Another manager owns a field that was applied. A 409 without causes is a stale fence: seen on kube-apiserver 1.36.3. */
export function isFieldConflict(thrown: unknown): boolean {
  return thrown instanceof KubeApiError && thrown.status === 409 && thrown.causes.length > 0;
}

/** Others wrote the status meanwhile. A schema that refuses ours names causes, and admission is named. */
export function isStatusConflict({ status, causes, refusedBy }: KubeApiError): boolean {
  return status === 409 || (status === 422 && causes.length === 0 && refusedBy === undefined);
}

/** The Secret that was to be written. */
export interface Written {
  readonly namespace: string;
  readonly secret: string;
  /** It is of others, and keys were to be merged into it. */
  readonly isMerged?: boolean;
}

/** Why the API server did not take a Secret. */
export function secretWriteError(thrown: unknown, written: Written): Error {
  const { namespace, secret, isMerged = false } = written;
  if (!(thrown instanceof KubeApiError))
    return thrown instanceof Error ? thrown : new Error('not an Error', { cause: thrown });
  const { retryAfterMs } = thrown;
  const refused = admissionError(thrown, { namespace, what: `Secret ${secret}` }, thrown);
  if (refused !== undefined) return refused;
  if (thrown.status === 409)
    return new StaleFenceError('the Secret changed while it was written', { cause: thrown });
  const details = { namespace, secret, ...detailsOf(thrown) };
  return new ReconcileError(reasonOf(thrown, isMerged), { details, retryAfterMs, cause: thrown });
}

/** While a Secret that was there is missing, its readers wait. */
const missingRetryMs = 5_000;

/** Why there is no Secret; one that was there, whoever deleted it, is said to be missing. */
export function createError(thrown: unknown, vaultSecret: VaultSecret): Error {
  const { namespace, status } = vaultSecret;
  const secret = targetName(vaultSecret);
  const error = secretWriteError(thrown, { namespace, secret });
  const isExplained = error instanceof ReconcileError && error.reason !== 'NamespaceTerminating';
  if (!isExplained || status.secretName !== secret) return error;
  // It may be there.
  if (isUnanswered(thrown)) return error.after(missingRetryMs);
  return new ReconcileError('SecretMissing', {
    details: { secret, refusal: explain(error) },
    retryAfterMs: missingRetryMs,
    cause: thrown,
  });
}

function isUnanswered(thrown: unknown): boolean {
  return thrown instanceof KubeApiError && thrown.status === 0;
}

function reasonOf({ status, causes }: KubeApiError, isMerged: boolean) {
  switch (status) {
    case 403:
      return 'SecretWriteForbidden';
    case 413:
      return 'SecretTooLarge';
    case 400:
    case 422:
      if (isTooLong(causes)) return 'SecretTooLarge';
      if (!isImmutable(causes)) return 'SecretRefused';
      return isMerged ? 'MergeTargetImmutable' : 'SecretImmutable';
    default:
      return 'ApiServerUnavailable';
  }
}

function detailsOf({ status, causes, refusedBy }: KubeApiError) {
  const field = causes[0]?.field || 'unknown';
  const limit = limits[field] ?? requestLimitBytes;
  return {
    status,
    field,
    part: field === 'unknown' ? 'the request' : field,
    size: `more than ${limit}`,
    limit,
    ...rightDetails(refusedBy, 'patch'),
  };
}

/** Seen on kube-apiserver 1.36.3; the causes name no figure. */
const limits: Readonly<Record<string, number>> = {
  data: 1024 * 1024,
  'metadata.annotations': 256 * 1024,
};
const requestLimitBytes = 3 * 1024 * 1024;

/** Somebody marked the Secret immutable. */
export function isImmutableRefusal(thrown: unknown): boolean {
  return thrown instanceof KubeApiError && thrown.status === 422 && isImmutable(thrown.causes);
}

function isTooLong(causes: readonly StatusCause[]): boolean {
  return causes.some(({ reason, field }) => reason === 'FieldValueTooLong' && field in limits);
}

/** ValidateSecretUpdate in pkg/apis/core/validation of kubernetes 1.36.3. */
function isImmutable(causes: readonly StatusCause[]): boolean {
  return causes.some(({ reason, field }) => reason === 'FieldValueForbidden' && field === 'data');
}
