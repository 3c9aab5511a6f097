import type { Cloud } from '../../api/cloud.ts';
import { credentialKey, type ServicePrincipalIdentity } from './servicePrincipal.ts';

/** The identity bound to a ServiceAccount of the VaultSecret's own namespace. */
export interface WorkloadIdentity {
  readonly kind: 'workloadIdentity';
  readonly namespace: string;
  readonly serviceAccountName: string;
  /** A ServiceAccount that is created again under the same name is another identity. */
  readonly serviceAccountUid: string;
  readonly clientId: string;
  readonly tenantId: string;
  readonly cloud: Cloud;
}

/**
 * An identity of the controller or its host, lent to one namespace by a ClusterVaultConnection.
 * Not shared between borrowers: what one of them was given never serves another.
 */
interface Lent {
  readonly namespace: string;
  readonly connection: string;
  readonly connectionUid: string;
  readonly connectionGeneration: number;
  readonly tenantId: string;
  readonly cloud: Cloud;
}

export interface LentWorkloadIdentity extends Lent {
  readonly kind: 'controllerWorkloadIdentity';
  readonly clientId: string;
}

/** A managed identity of the host on which the controller runs: a virtual machine, a scale set, an AKS node. */
export interface LentManagedIdentity extends Lent {
  readonly kind: 'managedIdentity';
  readonly assigned: AssignedIdentity;
}

/** Which of them: a host has at most one that the system assigned, and any number that users did. */
export type AssignedIdentity =
  | { readonly by: 'system' }
  | { readonly by: 'clientId' | 'objectId' | 'resourceId'; readonly id: string };

export type LentIdentity = LentWorkloadIdentity | LentManagedIdentity;

/** Proved to Microsoft Entra ID by the token of a ServiceAccount. */
export type FederatedIdentity = WorkloadIdentity | LentWorkloadIdentity;

/** Whose token reads a vault. There is no way to any other identity. */
export type Identity = WorkloadIdentity | LentIdentity | ServicePrincipalIdentity;

export interface ObservedServiceAccount {
  readonly uid: string;
  /** Deleted, and held by a finalizer. */
  readonly terminating?: boolean;
  readonly clientId?: string;
  readonly tenantId?: string;
}

export interface NamedServiceAccount extends ObservedServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

/** It belongs to another owner, so its user may not see why it failed. */
export function isLentIdentity(identity: Identity): identity is LentIdentity {
  return 'connectionUid' in identity;
}

/** Total: two identities with one key are the same identity. Holds no secret. */
export function identityKey(identity: Identity): string {
  const { kind, namespace, tenantId, cloud } = identity;
  const where = [tenantId, cloud.authorityHost, cloud.scope];
  return [kind, namespace, ...holderOf(identity), ...nameOf(identity), ...where].join('|');
}

/** An object that is created again under the same name, or changed, holds another identity. */
function holderOf(identity: Identity): readonly (string | number)[] {
  if ('credential' in identity) return credentialKey(identity.credential);
  return isLentIdentity(identity)
    ? [identity.connectionUid, identity.connectionGeneration]
    : [identity.serviceAccountUid];
}

function nameOf(identity: Identity): readonly string[] {
  if (identity.kind !== 'managedIdentity') return [identity.clientId];
  const { assigned } = identity;
  return assigned.by === 'system' ? [assigned.by] : [assigned.by, assigned.id];
}

/** The ServiceAccount whose token proves the identity, for explanations. */
export function serviceAccountNameOf(identity: Identity): string {
  if ('credential' in identity) return 'of nobody';
  return isLentIdentity(identity) ? 'of the controller itself' : identity.serviceAccountName;
}

/** The client as far as it is known before it was given a token, for explanations. */
export function clientIdOf(identity: Identity): string {
  if (identity.kind !== 'managedIdentity') return identity.clientId;
  const { assigned } = identity;
  return assigned.by === 'clientId' ? assigned.id : '<client id of the managed identity>';
}
