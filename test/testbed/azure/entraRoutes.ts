import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AccessTokens } from './accessTokens.ts';
import { grantClientCredentials, refusalOfTenant, type GrantDeps } from './clientCredentials.ts';
import { instanceDiscovery, openidConfiguration } from './entraDocuments.ts';
import type { EntraRefusal } from './entraErrors.ts';
import { refusalAnswer } from './entraWording.ts';
import { headerOf, readBody, type Answer } from './httpAnswer.ts';
import type { RequestCounts } from './requestCounts.ts';

export interface EntraDeps extends GrantDeps {
  tokens: AccessTokens;
  counts: RequestCounts;
}

const metadataCaching = 'max-age=86400, private';
const tokenCaching = 'no-store, no-cache';
const defaultTokenLifeSeconds = 3_599;

interface EntraRequest {
  request: IncomingMessage;
  tenant: string;
  query: URLSearchParams;
}

type Route = (deps: EntraDeps, asked: EntraRequest) => Answer | Promise<Answer>;

/** By method and path behind the tenant. */
const routes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['GET discovery/instance', answerDiscovery],
  ['GET v2.0/.well-known/openid-configuration', answerConfiguration],
  ['GET discovery/v2.0/keys', answerKeys],
  ['POST oauth2/v2.0/token', (deps, asked) => answerToken(deps, asked, tokenBody)],
  ['POST oauth2/token', (deps, asked) => answerToken(deps, asked, tokenBodyV1)],
]);

const authorityOf = ({ cloud }: EntraDeps): string => `https://${cloud.authorityHosts[0]}`;

/** Answers one request to Microsoft Entra ID of a cloud. */
export async function answerEntra(deps: EntraDeps, request: IncomingMessage): Promise<Answer> {
  const url = new URL(`https://login.microsoftonline.com${request.url ?? '/'}`);
  const [tenant = '', ...rest] = url.pathname.split('/').slice(1);
  const route = routes.get(`${request.method ?? 'GET'} ${rest.join('/')}`);
  return route?.(deps, { request, tenant, query: url.searchParams }) ?? { status: 404 };
}

function answerDiscovery(deps: EntraDeps, { request, query }: EntraRequest): Answer {
  deps.counts.add({ kind: 'instanceDiscovery', status: 200 });
  const body = instanceDiscovery(authorityOf(deps), query.get('authorization_endpoint') ?? '');
  return dressed(request, { status: 200, body }, metadataCaching);
}

function answerConfiguration(deps: EntraDeps, { request, tenant }: EntraRequest): Answer {
  const known = deps.directory.tenant(tenant);
  deps.counts.add({ kind: 'openidConfiguration', status: known === undefined ? 400 : 200 });
  if (known === undefined) return refused(deps, request, refusalOfTenant(tenant));
  const body = openidConfiguration(authorityOf(deps), tenant, known.regionScope ?? 'WW');
  return dressed(request, { status: 200, body }, metadataCaching);
}

function answerKeys(deps: EntraDeps, { request }: EntraRequest): Answer {
  return dressed(request, { status: 200, body: deps.tokens.publicKeys() }, metadataCaching);
}

async function answerToken(
  deps: EntraDeps,
  { request, tenant }: EntraRequest,
  bodyOf: (issued: IssuedToken) => object,
): Promise<Answer> {
  const form = new URLSearchParams(await readBody(request));
  const result = await grantClientCredentials(deps, tenant, form);
  if (result.kind === 'refused') {
    const { clientId, refusal } = result;
    deps.counts.add({ kind: 'token', clientId, status: refusal.status });
    deps.log(`token refused: AADSTS${refusal.code} ${refusal.text}`);
    return refused(deps, request, refusal, form);
  }
  const { application, resource } = result;
  deps.counts.add({ kind: 'token', clientId: application.clientId, status: 200 });
  const lifeSeconds = deps.faults().tokenLifeSeconds ?? defaultTokenLifeSeconds;
  const accessToken = deps.tokens.issue(application, resource, lifeSeconds);
  const body = bodyOf({ accessToken, resource, lifeSeconds, nowMs: deps.now() });
  const headers = { 'x-ms-clitelem': '1,0,0,,' };
  return dressed(request, { status: 200, headers, body }, tokenCaching);
}

interface IssuedToken {
  accessToken: string;
  resource: string;
  lifeSeconds: number;
  nowMs: number;
}

function tokenBody({ accessToken, lifeSeconds }: IssuedToken): object {
  return {
    token_type: 'Bearer',
    expires_in: lifeSeconds,
    ext_expires_in: lifeSeconds,
    access_token: accessToken,
  };
}

/** Every number is a string (MicrosoftDocs, v1 client credentials flow). */
function tokenBodyV1({ accessToken, resource, lifeSeconds, nowMs }: IssuedToken): object {
  const now = Math.floor(nowMs / 1000);
  return {
    token_type: 'Bearer',
    expires_in: String(lifeSeconds),
    ext_expires_in: String(lifeSeconds),
    expires_on: String(now + lifeSeconds),
    not_before: String(now - 300),
    resource,
    access_token: accessToken,
  };
}

function refused(
  deps: EntraDeps,
  request: IncomingMessage,
  refusal: EntraRefusal,
  form?: URLSearchParams,
): Answer {
  const correlationId =
    headerOf(request, 'client-request-id') ?? form?.get('client-request-id') ?? randomUUID();
  const answer = refusalAnswer(refusal, {
    nowMs: deps.now(),
    correlationId,
    day: deps.faults().wordingOf,
  });
  return dressed(request, answer, tokenCaching, answer.traceId);
}

/** The headers on every answer; the trace id of an error is its request id. */
function dressed(
  request: IncomingMessage,
  answer: Answer,
  caching: string,
  requestId: string = randomUUID(),
): Answer {
  const echoed = headerOf(request, 'client-request-id');
  return {
    status: answer.status,
    ...(answer.body === undefined ? {} : { body: answer.body }),
    headers: {
      'cache-control': caching,
      ...(caching === tokenCaching ? { pragma: 'no-cache', expires: '-1' } : {}),
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      ...(echoed === undefined ? {} : { 'client-request-id': echoed }),
      'x-ms-request-id': requestId,
      'x-ms-ests-server': '2.1.24000.5 - WEULR1 ProdSlices',
      ...answer.headers,
    },
  };
}
