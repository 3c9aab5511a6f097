import type { IncomingMessage } from 'node:http';
import type { ContainerRegistry } from './containerRegistry.ts';
import { readBody, type Answer } from './httpAnswer.ts';
import type { StandInState } from './standInState.ts';

const suffix = '.azurecr.io';
/** As the service: https://azure.github.io/acr/AAD-OAuth.html */
const refreshTokenLifeSeconds = 3 * 3_600;
const audiences = ['https://containerregistry.azure.net', 'https://management.azure.com'];

export function isRegistryHost(host: string): boolean {
  return host.endsWith(suffix);
}

export function registryAt(
  { registries }: StandInState,
  host: string,
): ContainerRegistry | undefined {
  return isRegistryHost(host) ? registries.get(host.slice(0, -suffix.length)) : undefined;
}

/** The challenge of `/v2/` and the exchange of a token of Entra ID for a refresh token; no images. */
export async function answerRegistry(
  state: StandInState,
  registry: ContainerRegistry,
  request: IncomingMessage,
): Promise<Answer> {
  const { pathname } = new URL(request.url ?? '/', 'https://registry');
  if (request.method === 'GET' && pathname === '/v2/') return challengeOf(registry);
  if (request.method !== 'POST' || pathname !== '/oauth2/exchange')
    return refusal(404, 'NOT_FOUND');
  const form = new URLSearchParams(await readBody(request));
  const answer = exchange(state, registry, form);
  state.counts.add({ kind: 'registryExchange', status: answer.status });
  return answer;
}

/** https://distribution.github.io/distribution/spec/auth/token/ */
function challengeOf({ name, challenge }: ContainerRegistry): Answer {
  const host = `${name}${suffix}`;
  const { realm, service } = challenge ?? { realm: `https://${host}/oauth2/token`, service: host };
  return {
    ...refusal(401, 'UNAUTHORIZED'),
    headers: {
      'docker-distribution-api-version': 'registry/2.0',
      'www-authenticate': `Bearer realm="${realm}",service="${service}"`,
    },
  };
}

function exchange(state: StandInState, registry: ContainerRegistry, form: URLSearchParams): Answer {
  if (registry.status !== undefined) return refusal(registry.status, 'UNAVAILABLE');
  const isWellFormed =
    form.get('grant_type') === 'access_token' &&
    form.get('service') === `${registry.name}${suffix}`;
  if (!isWellFormed) return refusal(400, 'BAD_REQUEST');
  const verdict = state.tokens.check(form.get('access_token') ?? '');
  const isReader =
    verdict.kind === 'valid' &&
    audiences.includes(verdict.claims.aud) &&
    verdict.claims.tid === form.get('tenant') &&
    registry.readers.includes(verdict.claims.appid);
  if (!isReader) return refusal(401, 'UNAUTHORIZED');
  return { status: 200, body: { refresh_token: refreshToken(state, verdict.claims.appid) } };
}

function refusal(status: number, code: string): Answer {
  return { status, body: { errors: [{ code, message: 'refused by the stand-in' }] } };
}

/** Nobody verifies it here: the stand-in serves no images. */
function refreshToken({ now }: StandInState, clientId: string): string {
  const issuedAt = Math.floor(now() / 1_000);
  const claims = { sub: clientId, iat: issuedAt, exp: issuedAt + refreshTokenLifeSeconds };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}
