import { RestError, type HttpClient, type PipelineResponse } from '@azure/core-rest-pipeline';
import { retryAfterMs } from '../ports/retryAfter.ts';
import { readAadsts, type EntraExchange } from './entraErrors.ts';

/** @azure/identity hides which answer made it fail, so the answers are looked at on their way. */
export interface EntraWitness {
  readonly httpClient: HttpClient;
  /** Empty when nothing was sent. */
  last(): EntraExchange;
}

export function createEntraWitness(httpClient: HttpClient): EntraWitness {
  let last: EntraExchange = {};
  return {
    last: () => last,
    httpClient: {
      async sendRequest(request) {
        try {
          const response = await httpClient.sendRequest(request);
          last = exchangeOf(response);
          return response;
        } catch (thrown) {
          last = { cause: thrown instanceof RestError ? thrown.message : 'no answer' };
          throw thrown;
        }
      },
    },
  };
}

function exchangeOf({ status, headers, bodyAsText }: PipelineResponse): EntraExchange {
  if (status < 400) return { status };
  const date = Date.parse(headers.get('date') ?? '');
  return {
    status,
    aadsts: readAadsts(bodyAsText),
    retryAfterMs: retryAfterMs(headers.get('retry-after'), date),
  };
}
