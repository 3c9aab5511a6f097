import {
  RestError,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { retryAfterMs } from '../ports/retryAfter.ts';

/** What the metadata service answered last, or that it did not. */
export interface MetadataExchange {
  readonly status?: number;
  readonly retryAfterMs?: number | undefined;
  /** Why no answer came: a short word. */
  readonly cause?: string;
}

export interface MetadataWitness extends HttpClient {
  /** Empty when nothing was asked. */
  last(): MetadataExchange;
}

/** @azure/identity hides which answer made it fail, so the answers are looked at on their way. */
export function createMetadataWitness(httpClient: HttpClient): MetadataWitness {
  let last: MetadataExchange = {};
  return {
    last: () => last,
    async sendRequest(request: PipelineRequest) {
      const response = await httpClient.sendRequest(request).catch((thrown: unknown): never => {
        last = { cause: thrown instanceof RestError ? thrown.message : 'no answer' };
        throw thrown;
      });
      last = exchangeOf(response);
      return response.status === 200 ? notToBeKept(response) : response;
    },
  };
}

function exchangeOf({ status, headers }: PipelineResponse): MetadataExchange {
  const date = Date.parse(headers.get('date') ?? '');
  return { status, retryAfterMs: retryAfterMs(headers.get('retry-after'), date) };
}

/**
 * @azure/msal-node 7 keeps tokens of managed identities for the whole process, in a static cache that cannot be
 * switched off and that outlives our decisions. It does not keep what has expired; the token says until when it serves.
 */
function notToBeKept(response: PipelineResponse): PipelineResponse {
  const body: unknown = JSON.parse(response.bodyAsText ?? '');
  return { ...response, bodyAsText: JSON.stringify({ ...Object(body), expires_on: '1' }) };
}
