import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';

/**
 * Answers in a vault's place the unauthenticated request with which the official client begins: what a
 * vault demands is the same for everybody, so it is asked once, also when many begin together.
 * Guarantees: the newest challenge that the vault itself gave; a token is verified and sent as ever.
 */
export function withKnownChallenges(httpClient: HttpClient): HttpClient {
  const challenges = new Map<string, string>();
  const asking = new Map<string, Promise<PipelineResponse>>();

  const ask = async (request: PipelineRequest, host: string): Promise<PipelineResponse> => {
    const response = await httpClient.sendRequest(request);
    const challenge = response.headers.get('www-authenticate');
    if (response.status === 401 && challenge !== undefined) challenges.set(host, challenge);
    return response;
  };
  const askOnce = (request: PipelineRequest, host: string): Promise<PipelineResponse> => {
    const flight = asking.get(host) ?? ask(request, host).finally(() => asking.delete(host));
    asking.set(host, flight);
    return flight;
  };

  return {
    async sendRequest(request) {
      const host = new URL(request.url).hostname;
      if (request.headers.has('authorization')) return ask(request, host);
      const challenge = challenges.get(host);
      return challenge === undefined
        ? { ...(await askOnce(request, host)), request }
        : unauthorized(request, challenge);
    },
  };
}

function unauthorized(request: PipelineRequest, challenge: string): PipelineResponse {
  return { request, status: 401, headers: createHttpHeaders({ 'www-authenticate': challenge }) };
}
