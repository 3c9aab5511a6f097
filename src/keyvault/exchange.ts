import { RestError, type HttpClient, type PipelineResponse } from '@azure/core-rest-pipeline';
import { z } from 'zod';

/** What a vault answered last, or that it did not. */
export interface VaultExchange {
  /** HTTP status; undefined when no answer came. */
  readonly status?: number;
  /** Why no answer came: a short word. */
  readonly cause?: string;
  readonly code: string;
  readonly retryAfterMs?: number | undefined;
}

/** Looks at the answers on their way: the official client drops the inner code, and fails itself on an empty body. */
export interface VaultWitness {
  readonly httpClient: HttpClient;
  last(): VaultExchange;
}

export function createVaultWitness(httpClient: HttpClient): VaultWitness {
  let last: VaultExchange = { code: noCode };
  return {
    last: () => last,
    httpClient: {
      async sendRequest(request) {
        try {
          const response = await httpClient.sendRequest(request);
          last = exchangeOf(response);
          return response;
        } catch (thrown) {
          last = {
            code: noCode,
            cause: thrown instanceof RestError ? thrown.message : 'no answer',
          };
          throw thrown;
        }
      },
    },
  };
}

const noCode = 'no code';

/** A word and no text: it is shown. The one code with spaces, `Malformed backup blob`, answers no read. */
const codeSchema = z.string().regex(/^[A-Za-z0-9]{1,64}$/);

/** https://learn.microsoft.com/en-us/azure/key-vault/general/rest-error-codes */
const bodySchema = z.object({
  error: z.object({
    code: codeSchema,
    message: z.string().default(''),
    innererror: z.object({ code: codeSchema }).optional(),
  }),
});

function exchangeOf({ status, headers, bodyAsText }: PipelineResponse): VaultExchange {
  if (status === 200) return { status, code: noCode };
  // Often missing: seen in the one recorded 429 with all its headers.
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return {
    status,
    code: codeOf(bodyAsText ?? ''),
    retryAfterMs: seconds >= 0 ? seconds * 1000 : undefined,
  };
}

/** The most telling code: the inner one, the AKV number that a text begins with, or the outer one. */
function codeOf(body: string): string {
  try {
    const { code, message, innererror } = bodySchema.parse(JSON.parse(body)).error;
    return innererror?.code ?? /^AKV\d{5}(?=:)/.exec(message)?.[0] ?? code;
  } catch {
    return noCode;
  }
}
