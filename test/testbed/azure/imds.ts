import type { IncomingMessage } from 'node:http';
import { imdsRefusal, imdsServer, refuseIdentity, refuseResource } from './hostErrors.ts';
import {
  isKnownToHost,
  managedIdentityTokenSeconds,
  type HostTokenAnswer,
  type HostTokenDeps,
} from './hostTokens.ts';
import { headerOf } from './httpAnswer.ts';
import { chooseIdentity } from './managedIdentities.ts';

/** The instance metadata token endpoint of virtual machines, scale sets and AKS nodes. */
export function answerInstanceMetadata(
  deps: HostTokenDeps,
  request: IncomingMessage,
  query: URLSearchParams,
): HostTokenAnswer {
  const resource = query.get('resource');
  const refusal = refuseRequest(deps, request, resource);
  if (resource === null || refusal !== undefined) return refusal ?? missingResource;
  const choice = chooseIdentity(deps, query);
  if (choice.kind !== 'found') return refuseIdentity(choice);
  const { identity } = choice;
  if (!isKnownToHost(deps, resource)) return refuseResource(deps, identity.tenantId, resource);
  const now = Math.floor(deps.now() / 1000);
  return {
    status: 200,
    headers: imdsServer,
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

const missingResource = imdsRefusal(
  'invalid_request',
  "Required query variable 'resource' is missing",
);

function refuseRequest(
  { faults }: HostTokenDeps,
  request: IncomingMessage,
  resource: string | null,
): HostTokenAnswer | undefined {
  const isAsDocumented = faults().documentedErrors === true;
  if (headerOf(request, 'metadata')?.toLowerCase() !== 'true') {
    const error = isAsDocumented ? 'bad_request_102' : 'invalid_request';
    return imdsRefusal(error, 'Required metadata header not specified');
  }
  if (resource !== null) return undefined;
  return isAsDocumented
    ? imdsRefusal('unknown_source', `Unknown Source ${request.url ?? ''}`, 401)
    : missingResource;
}
