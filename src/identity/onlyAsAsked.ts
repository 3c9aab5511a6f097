import { ReconcileError } from '../core/errors/errors.ts';
import type { AssignedName, HostToken, HostTokens } from './hostIdentity.ts';
import { tokenClaims } from './tokenClaims.ts';

/** Guarantees: a token of somebody else than was asked for is given to nobody. @throws ReconcileError HostIdentityOther */
export function onlyAsAsked(tokens: HostTokens, assigned: AssignedName | undefined): HostTokens {
  if (assigned === undefined) return tokens;
  return async (scope) => {
    const token = await tokens(scope);
    if (idOf(token, assigned).toLowerCase() === assigned.id.toLowerCase()) return token;
    const details = { clientId: token.clientId, identity: assigned.id };
    throw new ReconcileError('HostIdentityOther', { details });
  };
}

function idOf({ clientId, objectId, token }: HostToken, { by }: AssignedName): string {
  return { clientId, objectId, resourceId: tokenClaims(token).xms_mirid ?? '' }[by];
}
