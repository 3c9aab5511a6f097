import { z } from 'zod';
import type { AssignedName } from '../identity/hostIdentity.ts';
import type { Flags } from '../options/flags.ts';
import { OptionsError } from '../options/optionsError.ts';

/** Which identity of the host, for commands that are whoever the host is. */
export const identityFlags = {
  'identity-client-id': {
    type: 'string',
    value: 'UUID',
    help: 'User-assigned identity of the host, by its client id. Default: the system-assigned one, or its only one; in a pod $AZURE_CLIENT_ID.',
  },
  'identity-object-id': { type: 'string', value: 'UUID', help: 'The same by its object id.' },
  'identity-resource-id': { type: 'string', value: 'ID', help: 'The same by its resource id.' },
} as const satisfies Flags;

const guid = z.guid({ error: 'must be a UUID' }).optional();

export const identityInput = {
  identityClientId: guid,
  identityObjectId: guid,
  identityResourceId: z
    .string()
    .regex(
      /^\/subscriptions\/[^/]+\/resource[gG]roups\/[^/]+\/providers\/Microsoft[.]ManagedIdentity\/userAssignedIdentities\/[^/]+$/,
      'must be the resource id of a user-assigned identity',
    )
    .optional(),
};

interface IdentityInput {
  readonly identityClientId?: string | undefined;
  readonly identityObjectId?: string | undefined;
  readonly identityResourceId?: string | undefined;
}

/** @throws OptionsError when more than one is named */
export function assignedIn({
  identityClientId,
  identityObjectId,
  identityResourceId,
}: IdentityInput): AssignedName | undefined {
  const named = [
    ...(identityClientId === undefined ? [] : [{ by: 'clientId', id: identityClientId } as const]),
    ...(identityObjectId === undefined ? [] : [{ by: 'objectId', id: identityObjectId } as const]),
    ...(identityResourceId === undefined
      ? []
      : [{ by: 'resourceId', id: identityResourceId } as const]),
  ];
  if (named.length > 1)
    throw new OptionsError(
      '--identity-client-id, --identity-object-id and --identity-resource-id exclude each other',
    );
  return named[0];
}
