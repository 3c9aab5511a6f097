import { KubeApiError } from '../ports/kube.ts';
import type { ApiClient, ApiRequest } from './request.ts';

export interface LeaderClientOptions {
  /** Ends requests under way when a stop has waited long enough. */
  readonly signal: AbortSignal;
  /** Asked before each write: a process that was frozen may find that another replica leads. */
  readonly isLeading: () => boolean;
}

/**
 * The client for the work that only a leader does.
 * Guarantees: nothing is written by a replica that knows it may no longer lead; no request outlives the stop.
 */
export function createLeaderClient(api: ApiClient, options: LeaderClientOptions): ApiClient {
  const admitted = (request: ApiRequest): ApiRequest => {
    if (request.method !== 'GET' && !options.isLeading())
      throw new KubeApiError({ status: 0, reason: '', message: 'this replica no longer leads' });
    return { signal: options.signal, ...request };
  };
  return {
    send: async (request) => api.send(admitted(request)),
    sendSized: async (request, maxBytes) => api.sendSized(admitted(request), maxBytes),
    stream: async (request) => api.stream(admitted(request)),
  };
}
