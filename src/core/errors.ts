import type { CatalogueEntry } from './catalogueEntry.ts';
import { errorCatalogue, type ErrorReason } from './errorCatalogue.ts';

/** Names, hosts, codes and sizes; never a value, a token or a text of a service. */
export type ErrorDetails = Readonly<Record<string, string | number>>;

export interface ReconcileErrorOptions {
  readonly details?: ErrorDetails;
  /** How long a service asked us to wait. */
  readonly retryAfterMs?: number | undefined;
  /** For the log's stack only; it never reaches a status or an event. */
  readonly cause?: unknown;
}

/** A failure that the catalogue explains. */
export class ReconcileError extends Error {
  override readonly name = 'ReconcileError';
  readonly reason: ErrorReason;
  readonly details: ErrorDetails;
  readonly retryAfterMs: number | undefined;

  constructor(reason: ErrorReason, options: ReconcileErrorOptions = {}) {
    super(fill(errorCatalogue[reason].message, options.details ?? {}), { cause: options.cause });
    this.reason = reason;
    this.details = options.details ?? {};
    this.retryAfterMs = options.retryAfterMs;
  }

  get entry(): CatalogueEntry {
    return errorCatalogue[this.reason];
  }

  /** The same failure with details that a caller further up knows. */
  with(details: ErrorDetails): ReconcileError {
    return new ReconcileError(this.reason, {
      details: { ...details, ...this.details },
      retryAfterMs: this.retryAfterMs,
      cause: this.cause,
    });
  }
}

/** What a condition or event says: code, what happened, what helps. */
export function explain(error: ReconcileError): string {
  const { code, message, remedy } = error.entry;
  return `${code}: ${fill(message, error.details)} ${fill(remedy, error.details)}`;
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const detail = details[name];
    return detail === undefined ? placeholder.replace('{', '<').replace('}', '>') : String(detail);
  });
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ReconcileError };

/** Unknown failures are wrapped once, here; their text may hold anything and is not shown. */
export function toReconcileError(thrown: unknown): ReconcileError {
  if (thrown instanceof ReconcileError) return thrown;
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  return new ReconcileError('InternalError', { details: { cause: name }, cause: thrown });
}
