import { cloudOf } from '../../api/cloud.ts';
import type { ServicePrincipalSpec } from '../../api/servicePrincipal.ts';
import { ReconcileError } from '../errors/errors.ts';
import type { VaultConnection } from '../observed/connection.ts';
import { resolveIdentity } from './boundIdentity.ts';
import type { ObservedServiceAccount } from '../observed/identity.ts';
import { credentialSecretOf } from '../observed/servicePrincipal.ts';

/** A VaultConnection, and whom it names. */
export interface ObservedVaultConnection {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly connection: VaultConnection;
  readonly serviceAccount: ObservedServiceAccount | undefined;
  /** Undefined when there is no such Secret, or its owner has not said that it is a credential. */
  readonly credential: { readonly missingKeys: readonly string[] } | undefined;
  readonly defaultTenantId: string | undefined;
}

/**
 * Why a VaultConnection whose spec is valid cannot be used, as far as that shows without requesting a token. A connection
 * without an identity can be used: VaultSecrets name the identity that reads.
 */
export function vaultConnectionProblem(
  observed: ObservedVaultConnection,
): ReconcileError | undefined {
  const { spec, problem } = observed.connection;
  if (problem !== undefined) return undefined;
  return spec.servicePrincipal === undefined
    ? serviceAccountProblem(observed)
    : credentialProblem(observed, spec.servicePrincipal);
}

function serviceAccountProblem({
  connection: { namespace, spec },
  serviceAccount,
  defaultTenantId,
}: ObservedVaultConnection): ReconcileError | undefined {
  const { serviceAccountName, clientId, tenantId, vaultUrl } = spec;
  // A vault of no known cloud is refused by the schema.
  const cloud = cloudOf({ vaultUrl });
  if (serviceAccountName === undefined || cloud === undefined) return undefined;
  const identity = resolveIdentity({
    namespace,
    serviceAccountName,
    serviceAccount,
    clientId,
    defaultTenantId: tenantId ?? defaultTenantId,
    cloud,
  });
  return identity.ok ? undefined : identity.error;
}

function credentialProblem(
  { connection: { namespace, name: connection }, credential }: ObservedVaultConnection,
  servicePrincipal: ServicePrincipalSpec,
): ReconcileError | undefined {
  const details = { namespace, secret: credentialSecretOf(servicePrincipal) };
  if (credential === undefined) return new ReconcileError('CredentialSecretNotFound', { details });
  const [key] = credential.missingKeys;
  return key === undefined
    ? undefined
    : new ReconcileError('CredentialKeyMissing', { details: { ...details, key, connection } });
}
