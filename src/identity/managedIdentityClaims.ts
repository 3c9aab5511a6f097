import { z } from 'zod';
import { uuid } from '../api/uuid.ts';
import type { AssignedIdentity, LentManagedIdentity } from '../core/observed/identity.ts';
import type { TokenRequest } from '../ports/azure.ts';
import { payloadOf } from './tokenPayload.ts';

const common = {
  aud: z.string(),
  oid: z.string(),
  tid: z.string(),
  exp: z.number(),
  xms_mirid: z.string().optional(),
};

/**
 * https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference: the client is `appid` in tokens
 * of version 1.0, which Azure services take, and `azp` in those of version 2.0, which an API of your own may ask for.
 * `xms_mirid`, the resource id of the managed identity or of the host that has it, is described with the optional claims.
 */
const claimsSchema = z.union([
  z
    .object({ ...common, ver: z.literal('2.0'), azp: z.string() })
    .transform(({ azp, ...claims }) => ({ ...claims, clientId: azp, clientClaim: 'azp' })),
  z
    .object({ ...common, ver: z.literal('1.0').optional(), appid: z.string() })
    .transform(({ appid, ...claims }) => ({ ...claims, clientId: appid, clientClaim: 'appid' })),
]);

export type ManagedIdentityClaims = z.infer<typeof claimsSchema>;

/** Read, not verified: only the metadata service of the host could have sent it. Undefined when it cannot be read. */
export function claimsOf(token: string): ManagedIdentityClaims | undefined {
  try {
    return claimsSchema.parse(payloadOf(token));
  } catch {
    return undefined;
  }
}

/**
 * In which claim the token is not what was asked for, if any. A host without a system-assigned identity answers with its
 * only user-assigned one, which the connection does not lend.
 */
export function contradictedClaim(
  claims: ManagedIdentityClaims,
  request: TokenRequest<LentManagedIdentity>,
): string | undefined {
  if (!isForAskedResource(claims, request)) return 'audience (aud)';
  if (!isSame(claims.tid, request.identity.tenantId)) return 'tenant (tid)';
  return contradictedId(claims, request.identity.assigned);
}

function contradictedId(
  claims: ManagedIdentityClaims,
  assigned: AssignedIdentity,
): string | undefined {
  switch (assigned.by) {
    case 'system':
      return mayBeUserAssigned(claims) ? resourceIdClaim : undefined;
    case 'clientId':
      return isSame(claims.clientId, assigned.id) ? undefined : `client id (${claims.clientClaim})`;
    case 'objectId':
      return isSame(claims.oid, assigned.id) ? undefined : 'object id (oid)';
    case 'resourceId':
      return isSame(claims.xms_mirid ?? '', assigned.id) ? undefined : resourceIdClaim;
  }
}

const resourceIdClaim = 'resource id (xms_mirid)';

/**
 * Version 2.0 has the client id of the API as audience, whatever the resource is called. Where the resource is called by
 * that id, as the portal does (`api://<client id>`), the two must agree. Key Vault takes tokens of version 1.0.
 */
function isForAskedResource(
  { aud, ver }: ManagedIdentityClaims,
  { identity, scope }: TokenRequest<LentManagedIdentity>,
): boolean {
  const resource = scope.replace(/\/\.default$/, '');
  if (isSame(withoutSlash(aud), withoutSlash(resource))) return true;
  if (ver !== '2.0' || scope === identity.cloud.scope || !isUuid(aud)) return false;
  const name = withoutSlash(resource).replace(/^api:\/\//, '');
  return !isUuid(name) || isSame(name, aud);
}

const isUuid = (text: string): boolean => uuid().safeParse(text).success;

/** Ids of Azure compare without case. */
function isSame(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/** Some services end their name in a slash: `https://database.windows.net//.default` asks for one of them. */
const withoutSlash = (audience: string): string => audience.replace(/\/$/, '');

/** An API decides on the optional claims of its tokens of version 2.0: without this one it is not known. */
function mayBeUserAssigned({ ver, xms_mirid: resourceId }: ManagedIdentityClaims): boolean {
  if (resourceId === undefined) return ver === '2.0';
  return resourceId.toLowerCase().includes('/providers/microsoft.managedidentity/');
}
