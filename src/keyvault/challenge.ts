import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { Cloud } from '../api/cloud.ts';
import { ChallengeError } from './exchange.ts';
import type { Vaults } from './vaults.ts';

/**
 * Answers in a vault's place the request without a token with which the official client begins: what a
 * vault demands is the same for everyone, so it is asked once, also when many begin together.
 * Guarantees: only what the vault gave to a request without a token is kept, and only while it names a resource and an
 * authority; a token is verified and sent as ever.
 */
export function withKnownChallenges(httpClient: HttpClient, vaults: Vaults): HttpClient {
  return {
    async sendRequest(request) {
      if (request.headers.has('authorization')) return httpClient.sendRequest(request);
      const vault = vaults.of(new URL(request.url).hostname);
      if (vault.challenge !== undefined) return unauthorized(request, vault.challenge);
      const response = await vault.challenges.run('', async () => httpClient.sendRequest(request));
      const challenge = response.headers.get('www-authenticate');
      if (response.status === 401 && challenge !== undefined && isComplete(challenge))
        vault.challenge = challenge;
      return { ...response, request };
    },
  };
}

/**
 * The official client does not look at the authority that a challenge names, and of a resource compares only the domain.
 * A demand for claims names neither; it is answered to a token only, and the next one comes from the same authority:
 * https://learn.microsoft.com/en-us/entra/identity-platform/claims-challenge
 * @throws ChallengeError
 */
export function checkChallenge(
  { headers, status, request }: PipelineResponse,
  { authorityNames, scope }: Cloud,
): void {
  if (status !== 401) return;
  const challenge = headers.get('www-authenticate');
  const hadToken = request.headers.has('authorization');
  if (challenge === undefined) {
    if (!hadToken) throw new ChallengeError('The vault gave no challenge');
    return;
  }
  if (hadToken && isDemandForClaims(challenge)) return;
  const isOfCloud = namesAuthority(challenge, authorityNames) && scopeIn(challenge) === scope;
  if (!isOfCloud) throw new ChallengeError('The vault names another authority or resource');
}

/** Whether all that a challenge names is Microsoft Entra ID, by one of these host names. */
export function namesAuthority(challenge: string, names: readonly string[]): boolean {
  const authorities = [...challenge.matchAll(/\bauthorization="([^"]*)"/g)];
  return (
    authorities.length > 0 && authorities.every(([, authority = '']) => isNamed(authority, names))
  );
}

/** Undefined when it names none, or more than one: the official client takes the last. */
export function scopeIn(challenge: string): string | undefined {
  const named = [...challenge.matchAll(/\b(resource|scope)="([^"]*)"/g)].map(
    ([, field, text = '']) => (field === 'resource' ? `${text}/.default` : text),
  );
  const [scope, ...others] = new Set(named);
  return others.length === 0 ? scope : undefined;
}

function isComplete(challenge: string): boolean {
  return /\bauthorization="/.test(challenge) && scopeIn(challenge) !== undefined;
}

function isDemandForClaims(challenge: string): boolean {
  return (
    /\berror="insufficient_claims"/.test(challenge) && !/\b(?:resource|scope)=/.test(challenge)
  );
}

function isNamed(authority: string, names: readonly string[]): boolean {
  if (!URL.canParse(authority)) return false;
  const { protocol, host } = new URL(authority);
  return protocol === 'https:' && names.includes(host);
}

function unauthorized(request: PipelineRequest, challenge: string): PipelineResponse {
  return { request, status: 401, headers: createHttpHeaders({ 'www-authenticate': challenge }) };
}
