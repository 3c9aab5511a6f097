import type { CatalogueEntry } from './catalogueEntry.ts';
import { errorCatalogue, type ErrorReason } from './errorCatalogue.ts';

/** Names, hosts, codes and sizes; never a value, a token or a text of a service. */
export type ErrorDetails = Readonly<Record<string, string | number>>;

type PlaceholderIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PlaceholderIn<Rest>
  : never;

/** All that the texts of these reasons speak of, so that the compiler refuses an explanation with a hole in it. */
export type DetailsOf<Reason extends ErrorReason> = ErrorDetails & {
  readonly [Name in PlaceholderIn<(typeof errorCatalogue)[Reason]['message' | 'remedy']>]:
    | string
    | number;
};

export interface ReconcileErrorOptions<Details extends ErrorDetails = ErrorDetails> {
  readonly details: Details;
  /** Until the next try: what a service asked for, or our own pace. */
  readonly retryAfterMs?: number | undefined;
  /** For the log's stack only; it never reaches a status or an event. */
  readonly cause?: unknown;
}

/** A failure that the catalogue explains. */
class CatalogueError extends Error {
  override readonly name = 'ReconcileError';
  readonly reason: ErrorReason;
  readonly details: ErrorDetails;
  readonly retryAfterMs: number | undefined;

  constructor(reason: ErrorReason, { details, retryAfterMs, cause }: ReconcileErrorOptions) {
    super(fill(errorCatalogue[reason].message, details), { cause });
    this.reason = reason;
    this.details = details;
    this.retryAfterMs = retryAfterMs;
  }

  get entry(): CatalogueEntry {
    return errorCatalogue[this.reason];
  }

  /** The same failure, to be tried again after this time. */
  after(retryAfterMs: number): CatalogueError {
    const { reason, details, cause } = this;
    return new CatalogueError(reason, { details, retryAfterMs, cause });
  }

  /** The same failure, with some of its details replaced. */
  withDetails(instead: ErrorDetails): CatalogueError {
    const { reason, details, retryAfterMs, cause } = this;
    return new CatalogueError(reason, { details: { ...details, ...instead }, retryAfterMs, cause });
  }
}

export type ReconcileError = CatalogueError;

/** The class, seen so that each reason demands its own details. */
export const ReconcileError: {
  new <Reason extends ErrorReason>(
    reason: Reason,
    options: ReconcileErrorOptions<DetailsOf<Reason>>,
  ): ReconcileError;
  readonly prototype: ReconcileError;
} = CatalogueError;

/** What a condition or event says: code, what happened, what helps. */
export function explain(error: ReconcileError): string {
  return `${error.entry.code}: ${fill(error.entry.message, error.details)} ${remedyOf(error)}`;
}

export function remedyOf({ entry, details }: ReconcileError): string {
  return fill(entry.remedy, details);
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name]));
}

/** What a condition says is short; a longer text is not ours. */
const longestExplanation = 8_192;

/** The failure that `explain` put into words; undefined for a text that another version worded otherwise. */
export function explained(reason: string, text: string): ReconcileError | undefined {
  if (!isReason(reason) || text.length > longestExplanation) return undefined;
  const { code, message, remedy } = errorCatalogue[reason];
  const found = patternOf(`${code}: ${message} ${remedy}`).exec(text);
  return found === null ? undefined : new CatalogueError(reason, { details: { ...found.groups } });
}

function isReason(reason: string): reason is ErrorReason {
  return Object.hasOwn(errorCatalogue, reason);
}

/** Each placeholder is a group of its name, and holds the same text wherever it stands. */
function patternOf(template: string): RegExp {
  const seen = new Set<string>();
  const parts = template.split(/\{(\w+)\}/).map((part, index) => {
    if (index % 2 === 0) return part.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
    if (seen.has(part)) return `\\k<${part}>`;
    seen.add(part);
    return `(?<${part}>[^]*?)`;
  });
  return new RegExp(`^${parts.join('')}$`);
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
