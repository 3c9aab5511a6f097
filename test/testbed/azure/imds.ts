import type { IncomingMessage } from 'node:http';
import {
  managedIdentityTokenSeconds,
  type HostTokenAnswer,
  type HostTokenDeps,
} from './hostTokens.ts';
import { headerOf } from './httpAnswer.ts';
import { identityFor } from './managedIdentities.ts';

const server = { server: 'IMDS/150.870.65.1475' };

/** The instance metadata token endpoint of virtual machines, scale sets and AKS nodes. */
export function answerInstanceMetadata(
  deps: HostTokenDeps,
  request: IncomingMessage,
  query: URLSearchParams,
): HostTokenAnswer {
  if (headerOf(request, 'metadata')?.toLowerCase() !== 'true') {
    return invalid('Required metadata header not specified');
  }
  const resource = query.get('resource');
  if (resource === null) return invalid("Required query variable 'resource' is missing");
  const identity = identityFor(deps, query);
  if (identity === undefined) return invalid('Identity not found');
  const now = Math.floor(deps.now() / 1000);
  return {
    status: 200,
    headers: server,
    clientId: identity.clientId,
    // Keys sorted by name, every number a string, the resource as it was sent.
    body: {
      access_token: deps.tokens.issue(
        identity,
        deps.faults().answerFor ?? resource,
        managedIdentityTokenSeconds,
      ),
      client_id: identity.clientId,
      expires_in: String(managedIdentityTokenSeconds),
      expires_on: String(now + managedIdentityTokenSeconds),
      ext_expires_in: String(managedIdentityTokenSeconds),
      not_before: String(now - 300),
      resource,
      token_type: 'Bearer',
    },
  };
}

function invalid(description: string): HostTokenAnswer {
  const body = { error: 'invalid_request', error_description: description };
  return { status: 400, headers: server, body };
}
