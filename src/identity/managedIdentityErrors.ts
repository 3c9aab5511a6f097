import type { managedIdentityErrors } from '../core/errors/managedIdentityErrors.ts';
import { ReconcileError } from '../core/errors/errors.ts';
import type { AssignedIdentity, LentManagedIdentity } from '../core/observed/identity.ts';
import type { MetadataExchange } from './metadataWitness.ts';

/** What an explanation says of the host. */
export interface MetadataService {
  /** For example http://169.254.169.254 */
  readonly endpoint: string;
  readonly timeoutMs: number;
}

type AnsweredReason = Exclude<
  keyof typeof managedIdentityErrors,
  | 'InstanceMetadataUnreachable'
  | 'InstanceMetadataTimedOut'
  | 'ManagedIdentityMismatch'
  | 'ManagedIdentityTokenUnreadable'
>;

/**
 * By status alone, as the bodies of most are not documented and the official clients judge so too:
 * https://learn.microsoft.com/en-us/entra/identity-platform/managed-identities-azure-resources/how-to-use-vm-token#error-handling
 * and Azure/azure-sdk-for-python, azure-identity, `_credentials/imds.py` for 400.
 */
const reasons: Readonly<Record<number, AnsweredReason>> = {
  400: 'ManagedIdentityNotAssigned',
  404: 'InstanceMetadataNotFound',
  410: 'InstanceMetadataUnavailable',
  429: 'InstanceMetadataThrottled',
};

/** It was reached, and held the request for too long. */
const silence: readonly string[] = ['ETIMEDOUT', 'NOT_ANSWERING'];

export function metadataError(
  { status, cause = 'no answer', retryAfterMs }: MetadataExchange,
  identity: LentManagedIdentity,
  service: MetadataService,
): ReconcileError {
  const details = metadataDetails(identity, service);
  if (status === undefined) {
    return silence.includes(cause)
      ? new ReconcileError('InstanceMetadataTimedOut', { details })
      : new ReconcileError('InstanceMetadataUnreachable', { details: { ...details, cause } });
  }
  const otherwise = status >= 500 ? 'InstanceMetadataUnavailable' : 'InstanceMetadataRefused';
  return new ReconcileError(reasons[status] ?? otherwise, {
    details: { ...details, status },
    retryAfterMs,
  });
}

export function metadataDetails(
  { connection, assigned }: LentManagedIdentity,
  { endpoint, timeoutMs }: MetadataService,
) {
  return {
    connection,
    endpoint,
    seconds: timeoutMs / 1000,
    identity: described(assigned),
    assignCommand: `az vmss identity assign --resource-group <group> --name <scale set>${identitiesFlag(assigned)}`,
  };
}

function described(assigned: AssignedIdentity): string {
  switch (assigned.by) {
    case 'system':
      return 'a system-assigned identity';
    case 'clientId':
      return `the user-assigned identity with client id ${assigned.id}`;
    case 'objectId':
      return `the user-assigned identity with object id ${assigned.id}`;
    case 'resourceId':
      return `the user-assigned identity ${assigned.id}`;
  }
}

/** What assigns to a host takes resource ids only. */
function identitiesFlag(assigned: AssignedIdentity): string {
  if (assigned.by === 'system') return '';
  if (assigned.by === 'resourceId') return ` --identities ${assigned.id}`;
  const field = assigned.by === 'clientId' ? 'clientId' : 'principalId';
  return ` --identities "$(az identity list --query "[?${field}=='${assigned.id}'].id" --output tsv)"`;
}
