import type { IncomingMessage } from 'node:http';
import type { AccessTokens } from './accessTokens.ts';
import type { Application, EntraDirectory } from './entraDirectory.ts';
import { headerOf, type Answer } from './httpAnswer.ts';
import type { RequestCounts } from './requestCounts.ts';

export interface ImdsDeps {
  directory: EntraDirectory;
  tokens: AccessTokens;
  counts: RequestCounts;
  now: () => number;
}

const tokenLifeSeconds = 86_399;
const server = { server: 'IMDS/150.870.65.1475' };

/** The instance metadata token endpoint of a machine to which every managed identity is assigned. */
export function answerImds(deps: ImdsDeps, request: IncomingMessage): Answer {
  const url = new URL(request.url ?? '/', 'http://169.254.169.254');
  if (url.pathname !== '/metadata/identity/oauth2/token') return { status: 404, headers: server };
  const answer = answerToken(deps, request, url.searchParams);
  deps.counts.add({ kind: 'imdsToken', status: answer.status, clientId: answer.clientId });
  return { status: answer.status, headers: server, body: answer.body };
}

interface ImdsAnswer {
  status: number;
  body: object;
  clientId?: string;
}

function answerToken(deps: ImdsDeps, request: IncomingMessage, query: URLSearchParams): ImdsAnswer {
  if (headerOf(request, 'metadata')?.toLowerCase() !== 'true') {
    return invalid('Required metadata header not specified');
  }
  const resource = query.get('resource');
  if (resource === null) return invalid("Required query variable 'resource' is missing");
  const identity = identityFor(deps.directory, query);
  if (identity === undefined) return invalid('Identity not found');
  const now = Math.floor(deps.now() / 1000);
  return {
    status: 200,
    clientId: identity.clientId,
    // Keys sorted by name, every number a string, the resource as it was sent.
    body: {
      access_token: deps.tokens.issue(identity, resource, tokenLifeSeconds),
      client_id: identity.clientId,
      expires_in: String(tokenLifeSeconds),
      expires_on: String(now + tokenLifeSeconds),
      ext_expires_in: String(tokenLifeSeconds),
      not_before: String(now - 300),
      resource,
      token_type: 'Bearer',
    },
  };
}

function invalid(description: string): ImdsAnswer {
  return { status: 400, body: { error: 'invalid_request', error_description: description } };
}

/** By client, object or resource id; without any the system-assigned one, or the only one. */
function identityFor(directory: EntraDirectory, query: URLSearchParams): Application | undefined {
  const identities = [...directory.applications()].filter(
    ({ kind, disabled }) => kind !== 'application' && !disabled,
  );
  const matches = (asked: string | null, actual: string): boolean =>
    asked !== null && asked.toLowerCase() === actual.toLowerCase();
  const names = ['client_id', 'object_id', 'msi_res_id', 'mi_res_id'];
  if (names.some((name) => query.has(name))) {
    return identities.find(
      (identity) =>
        matches(query.get('client_id'), identity.clientId) ||
        matches(query.get('object_id'), identity.objectId) ||
        matches(query.get('msi_res_id') ?? query.get('mi_res_id'), identity.resourceId),
    );
  }
  const system = identities.find(({ kind }) => kind === 'systemAssignedIdentity');
  return system ?? (identities.length === 1 ? identities[0] : undefined);
}
