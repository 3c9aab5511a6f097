import { z } from 'zod';
import type { LentManagedIdentity } from '../core/observed/identity.ts';
import type { TokenRequest } from '../ports/azure.ts';
import { payloadOf } from './tokenPayload.ts';

/**
 * https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference; `xms_mirid`, the resource id
 * of the managed identity or of the host that has it, is described with the optional claims.
 */
const claimsSchema = z.object({
  aud: z.string(),
  appid: z.string(),
  oid: z.string(),
  tid: z.string(),
  exp: z.number(),
  xms_mirid: z.string().optional(),
});

export type ManagedIdentityClaims = z.infer<typeof claimsSchema>;

/** Read, not verified: only the metadata service of the host could have sent it. @throws Error when it is no token */
export function claimsOf(token: string): ManagedIdentityClaims {
  return claimsSchema.parse(payloadOf(token));
}

/**
 * In which claim the token is not what was asked for, if any. A host without a system-assigned identity answers with its
 * only user-assigned one: nobody has lent that.
 */
export function contradictedClaim(
  claims: ManagedIdentityClaims,
  { identity, scope }: TokenRequest<LentManagedIdentity>,
): string | undefined {
  const { tenantId, assigned } = identity;
  if (!isSame(withoutSlash(claims.aud), withoutSlash(scope.replace(/\/\.default$/, ''))))
    return 'audience (aud)';
  if (!isSame(claims.tid, tenantId)) return 'tenant (tid)';
  if (assigned.by === 'system')
    return isUserAssigned(claims) ? namingClaims.resourceId.name : undefined;
  const { name, in: idIn } = namingClaims[assigned.by];
  return isSame(idIn(claims), assigned.id) ? undefined : name;
}

const namingClaims = {
  clientId: { name: 'client id (appid)', in: (claims: ManagedIdentityClaims) => claims.appid },
  objectId: { name: 'object id (oid)', in: (claims: ManagedIdentityClaims) => claims.oid },
  resourceId: {
    name: 'resource id (xms_mirid)',
    in: (claims: ManagedIdentityClaims) => claims.xms_mirid ?? '',
  },
} as const;

/** Ids of Azure compare without case. */
function isSame(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/** Some services end their name in a slash: `https://database.windows.net//.default` asks for one of them. */
const withoutSlash = (audience: string): string => audience.replace(/\/$/, '');

function isUserAssigned({ xms_mirid: resourceId = '' }: ManagedIdentityClaims): boolean {
  return resourceId.toLowerCase().includes('/providers/microsoft.managedidentity/');
}
