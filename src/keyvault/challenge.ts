import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { Clock } from '../ports/system.ts';

/** A first request that has lasted so long is waited for by nobody else. */
const patienceMs = 500;

export interface KnownChallenges extends HttpClient {
  /** What it demands is not to be met: the next request asks whether it still does. */
  forget(host: string): void;
}

interface Asking {
  readonly ended: Promise<unknown>;
  readonly startedAt: number;
}

/**
 * Answers in a vault's place the unauthenticated request with which the official client begins: what a
 * vault demands is the same for everybody, so it is asked once, also when many begin together.
 * Guarantees: the newest challenge that the vault itself gave; a token is verified and sent as ever.
 */
export function withKnownChallenges(httpClient: HttpClient, clock: Clock): KnownChallenges {
  const challenges = new Map<string, string>();
  const asking = new Map<string, Asking>();

  const ask = async (request: PipelineRequest, host: string): Promise<PipelineResponse> => {
    const response = await httpClient.sendRequest(request);
    const challenge = response.headers.get('www-authenticate');
    const isRefusal = challenge === undefined && request.headers.has('authorization');
    if (response.status !== 401 || isRefusal) return response;
    if (challenge === undefined) throw new Error('The challenge is missing');
    challenges.set(host, challenge);
    return response;
  };
  const askFirst = (request: PipelineRequest, host: string): Promise<PipelineResponse> => {
    const answer = ask(request, host).finally(() => asking.delete(host));
    asking.set(host, { ended: answer, startedAt: clock.now() });
    return answer;
  };

  return {
    forget: (host) => void challenges.delete(host),
    async sendRequest(request) {
      const host = new URL(request.url).hostname;
      if (request.headers.has('authorization')) return ask(request, host);
      const first = asking.get(host);
      if (first !== undefined) await endOf(first, clock);
      const challenge = challenges.get(host);
      if (challenge !== undefined) return unauthorized(request, challenge);
      return asking.has(host) ? ask(request, host) : askFirst(request, host);
    },
  };
}

/** Whether all that a challenge names is Microsoft Entra ID, by one of these host names. */
export function namesAuthority(challenge: string, names: readonly string[]): boolean {
  const authorities = [...challenge.matchAll(/\bauthorization="([^"]*)"/g)];
  return (
    authorities.length > 0 && authorities.every(([, authority = '']) => isNamed(authority, names))
  );
}

function isNamed(authority: string, names: readonly string[]): boolean {
  if (!URL.canParse(authority)) return false;
  const { protocol, host } = new URL(authority);
  return protocol === 'https:' && names.includes(host);
}

/** However it ends, or does not. */
async function endOf({ ended, startedAt }: Asking, clock: Clock): Promise<void> {
  const leftMs = startedAt + patienceMs - clock.now();
  if (leftMs <= 0) return;
  const over = new AbortController();
  await Promise.race([ended, clock.sleep(leftMs, over.signal)]).catch(() => undefined);
  over.abort(new Error('The exchange has ended'));
}

function unauthorized(request: PipelineRequest, challenge: string): PipelineResponse {
  return { request, status: 401, headers: createHttpHeaders({ 'www-authenticate': challenge }) };
}
