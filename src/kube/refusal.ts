import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { KubeApiError, type KubeApiErrorFields, type StatusCause } from '../ports/kube.ts';
import { retryAfterMs } from '../ports/retryAfter.ts';
import { refusedBy } from './refusedBy.ts';

/** meta/v1 Status: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
const statusSchema = z.object({
  reason: z.string().default(''),
  message: z.string().optional(),
  details: z
    .object({
      retryAfterSeconds: z.number().optional(),
      causes: z
        .array(
          z.object({
            reason: z.string().default(''),
            message: z.string().default(''),
            field: z.string().default(''),
          }),
        )
        .default([]),
    })
    .default({ causes: [] }),
});

const emptyStatus = statusSchema.parse({});

/** An answer of 400 or more to a request to this path. */
export function refusal(
  { statusCode, headers }: Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'>,
  text: string,
  path: string,
): KubeApiError {
  const { reason, message, details } = readStatus(text);
  return new KubeApiError({
    ...quotable(path, { status: statusCode, reason, message }),
    refusedBy: refusedBy(message ?? '', details.causes),
    causes: isQuotable(path) ? details.causes : details.causes.map(unquotedCause),
    ...retryAfter(headers, details.retryAfterSeconds),
  });
}

const secretsPath = /(^|[/])secrets([/?]|$)/;

/** Answers about Secrets may quote the values that were sent, whatever the verb: nothing of their text is kept. */
export function isQuotable(path: string): boolean {
  return !secretsPath.test(path);
}

/** What may be kept of an answer about this path. */
export function quotable(
  path: string,
  {
    status,
    reason,
    message,
  }: Pick<KubeApiErrorFields, 'status' | 'reason'> & {
    readonly message: string | undefined;
  },
): Pick<KubeApiErrorFields, 'status' | 'reason' | 'message'> {
  const unquoted = `status ${status}`;
  return isQuotable(path)
    ? { status, reason, message: message ?? unquoted }
    : { status, reason: wordOf(reason), message: unquoted };
}

/** Of a webhook any field of the answer may hold any text: only what looks like the API server's own is kept. */
function unquotedCause({ reason, field }: StatusCause): StatusCause {
  return { reason: wordOf(reason), message: '', field: secretField.test(field) ? field : '' };
}

/** Fields of a Secret, as validation (`data[KEY]`) and conflicts (`.data.KEY`) name them. */
const secretField =
  /^[.]?(metadata|data|stringData|type|immutable|kind|apiVersion)([.[][-\w.[\]/:"]{0,300})?$/;

/** A reason is one word in CamelCase: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
function wordOf(reason: string): string {
  return /^[A-Z][A-Za-z]{0,63}$/.test(reason) ? reason : '';
}

function readStatus(text: string): z.infer<typeof statusSchema> {
  try {
    return statusSchema.parse(JSON.parse(text));
  } catch {
    return emptyStatus;
  }
}

/** The API server gives seconds; a proxy may give a date, by the clock that the `date` header of its answer shows. */
function retryAfter(
  headers: Dispatcher.ResponseData['headers'],
  seconds: number | undefined,
): { retryAfterMs?: number } {
  const text = only(headers['retry-after']) ?? seconds?.toString();
  const waitMs = retryAfterMs(text, Date.parse(only(headers['date']) ?? ''));
  return waitMs === undefined ? {} : { retryAfterMs: waitMs };
}

/** A header that came more than once is as good as absent. */
function only(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
