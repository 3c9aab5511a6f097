import type { IncomingMessage } from 'node:http';
import type { Application } from './entraDirectory.ts';
import { appServiceFailure, refuseAppServiceIdentity } from './hostErrors.ts';
import {
  isKnownToHost,
  managedIdentityTokenSeconds,
  type HostTokenAnswer,
  type HostTokenDeps,
} from './hostTokens.ts';
import { headerOf } from './httpAnswer.ts';
import { chooseIdentity, identityFor } from './managedIdentities.ts';

interface Issued {
  identity: Application;
  resource: string;
  token: string;
  /** Epoch seconds. */
  expiresOn: number;
}

function issueFor(deps: HostTokenDeps, query: URLSearchParams): Issued | undefined {
  const identity = identityFor(deps, query);
  const resource = query.get('resource');
  if (identity === undefined || resource === null) return undefined;
  return {
    identity,
    resource,
    token: deps.tokens.issue(identity, resource, managedIdentityTokenSeconds),
    expiresOn: Math.floor(deps.now() / 1000) + managedIdentityTokenSeconds,
  };
}

/** App Service and Functions: `expires_on` is a string, there is no `expires_in`. */
export function answerAppService(
  deps: HostTokenDeps,
  request: IncomingMessage,
  query: URLSearchParams,
): HostTokenAnswer {
  const isLocal = request.headers['x-identity-header'] ?? request.headers['secret'];
  if (isLocal === undefined) return appServiceFailure();
  const choice = chooseIdentity(deps, query);
  if (choice.kind !== 'found') return refuseAppServiceIdentity(deps, choice.kind === 'notNamed');
  const isKnown = isKnownToHost(deps, query.get('resource') ?? '');
  const issued = isKnown ? issueFor(deps, query) : undefined;
  if (issued === undefined) return appServiceFailure();
  const { identity, resource, token, expiresOn } = issued;
  return {
    status: 200,
    clientId: identity.clientId,
    body: {
      access_token: token,
      expires_on: String(expiresOn),
      resource,
      token_type: 'Bearer',
      client_id: identity.clientId,
    },
  };
}

/** Azure Machine Learning: numbers are numbers. Nothing is recorded of its refusals. */
export function answerAzureMl(
  deps: HostTokenDeps,
  request: IncomingMessage,
  query: URLSearchParams,
): HostTokenAnswer {
  const issued = request.headers['secret'] === undefined ? undefined : issueFor(deps, query);
  if (issued === undefined) return { status: 400, body: { error: 'invalid_request' } };
  const { identity, resource, token, expiresOn } = issued;
  return {
    status: 200,
    clientId: identity.clientId,
    body: {
      access_token: token,
      expires_in: managedIdentityTokenSeconds,
      expires_on: expiresOn,
      resource,
      token_type: 'Bearer',
    },
  };
}

/** Azure Arc: who can read the agent's key file is an administrator of the machine. */
export function answerArc(
  deps: HostTokenDeps,
  request: IncomingMessage,
  query: URLSearchParams,
): HostTokenAnswer {
  const { file, content } = deps.arcKey;
  if (headerOf(request, 'authorization') !== `Basic ${content}`) {
    return { status: 401, headers: { 'www-authenticate': `Basic realm=${file}` } };
  }
  const issued = issueFor(deps, query);
  if (issued === undefined) return { status: 400, body: { error: 'invalid_request' } };
  const { identity, resource, token, expiresOn } = issued;
  return {
    status: 200,
    clientId: identity.clientId,
    body: {
      access_token: token,
      expires_on: String(expiresOn),
      resource,
      token_type: 'Bearer',
    },
  };
}
