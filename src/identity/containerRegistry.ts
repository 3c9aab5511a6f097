import {
  createHttpHeaders,
  createPipelineRequest,
  RestError,
  type HttpClient,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { z } from 'zod';
import { ReconcileError } from '../core/errors/errors.ts';
import { networkReasonOf } from '../core/errors/networkReason.ts';
import { clientIdOf, identityKey, type Identity } from '../core/observed/identity.ts';
import { redact, reveal } from '../core/redacted.ts';
import type { ObtainedToken, TokenSource } from '../ports/azure.ts';
import type { Clock } from '../ports/system.ts';
import { createExpiringCache } from './expiringCache.ts';
import { payloadOf } from './tokenPayload.ts';

export interface RegistryLoginRequest {
  readonly identity: Identity;
  /** For example example.azurecr.io; the schema lets no other hosts through. */
  readonly server: string;
  /** Of the token that is sent there. */
  readonly scope: string;
  readonly accepts: (login: ObtainedToken) => boolean;
}

/** A `.dockerconfigjson`, and how long it lets in. @throws ReconcileError of the identity codes and VS25x */
export type RegistryLogin = (request: RegistryLoginRequest) => Promise<ObtainedToken>;

export interface RegistryLoginDeps {
  readonly tokens: TokenSource;
  readonly httpClient: HttpClient;
  readonly clock: Clock;
}

/** The user name that says that the password is a refresh token of the registry. */
const tokenUser = '00000000-0000-0000-0000-000000000000';

const answerSchema = z.object({ refresh_token: z.string().min(1) });
const claimsSchema = z.object({ exp: z.number() });

/**
 * Trades a token of Microsoft Entra ID for one of the registry: https://azure.github.io/acr/AAD-OAuth.html
 * Guarantees: the token leaves only after the registry has named itself in its challenge.
 */
export function createRegistryLogin(deps: RegistryLoginDeps): RegistryLogin {
  const cache = createExpiringCache<ObtainedToken>(deps.clock);
  return async (request) => {
    const { identity, server, accepts } = request;
    const key = [identityKey(identity), server].join('|');
    return cache.get(key, async () => exchange(deps, request), { accepts });
  };
}

async function exchange(
  { tokens, httpClient, clock }: RegistryLoginDeps,
  { identity, server, scope }: RegistryLoginRequest,
): Promise<ObtainedToken> {
  const exchangeOf = send(httpClient, server);
  const challenge = await exchangeOf('GET', '/v2/');
  if (!namesItself(challenge, server))
    throw new ReconcileError('RegistryNotTrusted', { details: namesOf(server) });
  const { token } = await tokens.acquire({ identity, scope });
  const answer = await exchangeOf('POST', '/oauth2/exchange', {
    grant_type: 'access_token',
    service: server,
    tenant: identity.tenantId,
    access_token: reveal(token),
  });
  if (answer.status !== 200) throw refusal(answer, identity, server);
  try {
    const { refresh_token: password } = answerSchema.parse(JSON.parse(answer.bodyAsText ?? ''));
    const expiresAt = claimsSchema.parse(payloadOf(password)).exp * 1_000;
    return { token: redact(dockerConfig(server, password)), expiresAt, obtainedAt: clock.now() };
  } catch {
    throw unavailable(server, 'no refresh token in the answer');
  }
}

/** https://distribution.github.io/distribution/spec/auth/token/ */
function namesItself({ status, headers }: PipelineResponse, server: string): boolean {
  const challenge = headers.get('www-authenticate') ?? '';
  return (
    status === 401 &&
    challenge.includes(`realm="https://${server}/oauth2/token"`) &&
    challenge.includes(`service="${server}"`)
  );
}

function send(httpClient: HttpClient, server: string) {
  return async (
    method: 'GET' | 'POST',
    path: string,
    form?: Readonly<Record<string, string>>,
  ): Promise<PipelineResponse> => {
    const request = createPipelineRequest({ url: `https://${server}${path}`, method });
    if (form !== undefined) {
      request.headers = createHttpHeaders({ 'content-type': 'application/x-www-form-urlencoded' });
      request.body = new URLSearchParams(form).toString();
    }
    try {
      return await httpClient.sendRequest(request);
    } catch (thrown) {
      const cause = thrown instanceof RestError ? thrown.message : 'no answer';
      const reason = networkReasonOf(cause);
      if (reason === undefined) throw unavailable(server, cause);
      throw new ReconcileError(reason, { details: { host: server, cause } });
    }
  };
}

function refusal({ status }: PipelineResponse, identity: Identity, server: string): ReconcileError {
  const { tenantId } = identity;
  const clientId = clientIdOf(identity);
  return status === 401 || status === 403
    ? new ReconcileError('RegistryRefused', {
        details: { ...namesOf(server), clientId, tenantId, status },
      })
    : unavailable(server, `status ${status}`);
}

function unavailable(server: string, cause: string): ReconcileError {
  return new ReconcileError('RegistryUnavailable', { details: { ...namesOf(server), cause } });
}

function namesOf(server: string) {
  return { server, registry: server.split(/[-.]/, 1)[0] ?? '' };
}

/** https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/ */
function dockerConfig(server: string, password: string): string {
  const auth = Buffer.from(`${tokenUser}:${password}`).toString('base64');
  return JSON.stringify({ auths: { [server]: { username: tokenUser, password, auth } } });
}
