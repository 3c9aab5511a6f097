import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { KubeApiError } from '../ports/kube.ts';
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

/** An answer of 400 or more; `isQuotable` is false where the text may quote what was sent: a refused Secret's does. */
export function refusal(
  { statusCode, headers }: Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'>,
  text: string,
  isQuotable: boolean,
): KubeApiError {
  const { reason, message, details } = readStatus(text);
  const unquoted = `status ${statusCode}`;
  return new KubeApiError({
    status: statusCode,
    reason,
    message: isQuotable ? (message ?? unquoted) : unquoted,
    refusedBy: refusedBy(message ?? '', details.causes),
    causes: isQuotable
      ? details.causes
      : details.causes.map((cause) => ({ ...cause, message: '' })),
    ...retryAfter(headers, details.retryAfterSeconds),
  });
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
