import { RestError, type HttpClient, type PipelineResponse } from '@azure/core-rest-pipeline';
import { isIP } from 'node:net';
import { z } from 'zod';
import { retryAfterMs } from '../ports/retryAfter.ts';

/** What a vault answered last, or that it did not. */
export interface VaultExchange {
  /** HTTP status; undefined when no answer came. */
  readonly status?: number;
  /** Why no answer came: a short word. */
  readonly cause?: string;
  readonly code: string;
  readonly retryAfterMs?: number | undefined;
  /** From where the vault saw the request come. */
  readonly clientAddress?: string | undefined;
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

/** The challenge is not that of a Key Vault of the cloud: no token is sent. */
export class ChallengeError extends Error {
  override readonly name = 'ChallengeError';
}

/** In the place of a code where none was found. */
export const noCode = 'no code';

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
  return {
    status,
    code: codeOf(bodyAsText ?? ''),
    // Often missing: seen in the one recorded 429 with all its headers.
    retryAfterMs: retryAfterMs(headers.get('retry-after'), Date.parse(headers.get('date') ?? '')),
    clientAddress: clientAddressIn(headers.get('x-ms-keyvault-network-info') ?? ''),
  };
}

/** `conn_type=Ipv4;addr=20.1.2.3;act_addr_fam=InterNetwork;` in all recordings since 2022. */
function clientAddressIn(networkInfo: string): string | undefined {
  const address = /(?:^|;)addr=([^;]*)/.exec(networkInfo)?.[1] ?? '';
  return isIP(address) === 0 ? undefined : address;
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
