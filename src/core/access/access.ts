import { cloudOf, type Cloud } from '../../api/cloud.ts';
import {
  readingServiceAccount,
  vaultUrlOf,
  type GrantedConnection,
  type VaultConnection,
} from '../observed/connection.ts';
import { ReconcileError, type Result } from '../errors/errors.ts';
import { resolveIdentity } from './boundIdentity.ts';
import { isLentIdentity, type Identity } from '../observed/identity.ts';
import {
  credentialSecretOf,
  readingServicePrincipal,
  servicePrincipalIdentity,
} from '../observed/servicePrincipal.ts';
import { connectionProblem } from './connectionProblem.ts';
import { lentIdentity } from './lentIdentity.ts';
import { isLent, isTokenLent } from './lending.ts';
import { refOf, sourceKey, type SourceRef } from '../source/sourceRef.ts';
import type { Observed } from '../observed/observed.ts';

/** Which vault is read, and as whom. */
export interface Access {
  readonly vaultUrl: string;
  readonly identity: Identity;
}

const refuse = (error: ReconcileError): { ok: false; error: ReconcileError } => ({
  ok: false,
  error,
});

/** What decides who reads what. */
export type AccessInput = Pick<
  Observed,
  | 'vaultSecret'
  | 'connection'
  | 'serviceAccount'
  | 'credential'
  | 'defaultTenantId'
  | 'controllerIdentity'
  | 'homeCloud'
>;

/** Decided at each reconcile from what stands there now, before any cache is asked and any request is sent. */
export function resolveAccess(observed: AccessInput): Result<Access> {
  const problem = connectionProblem(observed);
  if (problem !== undefined) return refuse(problem);
  const cloud = readingCloud(observed);
  if (cloud === undefined) {
    const details = { field: 'spec.vaultUrl', problem: 'names a vault of no known cloud' };
    return refuse(new ReconcileError('InvalidSpec', { details }));
  }
  return accessIn(observed, cloud);
}

function accessIn(observed: AccessInput, cloud: Cloud): Result<Access> {
  const { vaultSecret, connection } = observed;
  if (connection?.kind === 'VaultConnection')
    return (
      storedAccess(observed, connection, cloud) ?? boundAccess(observed, connection.spec, cloud)
    );
  const isBound = vaultSecret.spec.serviceAccountName !== undefined;
  return isBound || connection?.spec.lend === undefined
    ? boundAccess(observed, connection?.spec ?? {}, cloud)
    : lentAccess(observed, connection, cloud);
}

/** The cloud of the vault; the options of the controller may name another host of Microsoft Entra ID in its own cloud. */
function readingCloud({ vaultSecret, connection, homeCloud }: AccessInput): Cloud | undefined {
  const vaultUrl = vaultUrlOf(vaultSecret.spec, connection);
  // Tokens are wanted without any vault.
  if (vaultUrl === undefined) return homeCloud;
  const cloud = cloudOf(
    connection?.kind === 'ClusterVaultConnection' ? connection.spec : { vaultUrl },
  );
  return cloud?.name === homeCloud.name ? homeCloud : cloud;
}

/** Read by an application whose credential lies in a Secret of the VaultSecret's own namespace, if one is named. */
function storedAccess(
  { vaultSecret, credential }: AccessInput,
  connection: VaultConnection,
  cloud: Cloud,
): Result<Access> | undefined {
  const servicePrincipal = readingServicePrincipal(vaultSecret.spec, connection);
  if (servicePrincipal === undefined) return undefined;
  if (credential === undefined) {
    const { namespace } = vaultSecret;
    const details = { namespace, secret: credentialSecretOf(servicePrincipal) };
    return refuse(new ReconcileError('CredentialSecretNotFound', { details }));
  }
  const identity = servicePrincipalIdentity(servicePrincipal, connection, credential, cloud);
  return { ok: true, value: { vaultUrl: connection.spec.vaultUrl, identity } };
}

/** Read by a ServiceAccount of the VaultSecret's own namespace. */
function boundAccess(
  { vaultSecret, connection, serviceAccount, defaultTenantId }: AccessInput,
  defaults: { readonly tenantId?: string | undefined; readonly clientId?: string | undefined },
  cloud: Cloud,
): Result<Access> {
  const { namespace, spec } = vaultSecret;
  const vaultUrl = vaultUrlOf(spec, connection) ?? '';
  const serviceAccountName = readingServiceAccount(spec, connection);
  if (serviceAccountName === undefined) {
    const details = { connection: connection?.name ?? vaultUrl, namespace };
    return refuse(new ReconcileError('IdentityMissing', { details }));
  }
  // The connection's client id belongs to the ServiceAccount that stands beside it, and to no other.
  const clientId = spec.serviceAccountName === undefined ? defaults.clientId : undefined;
  const identity = resolveIdentity({
    namespace,
    serviceAccountName,
    serviceAccount,
    clientId,
    defaultTenantId: defaults.tenantId ?? defaultTenantId,
    cloud,
  });
  return identity.ok ? { ok: true, value: { vaultUrl, identity: identity.value } } : identity;
}

function lentAccess(
  observed: AccessInput,
  connection: GrantedConnection,
  cloud: Cloud,
): Result<Access> {
  const { spec } = observed.vaultSecret;
  const notLent = spec.data
    .map(refOf)
    .map((ref) => lendingProblem(observed, connection, ref, cloud))
    .find((problem) => problem !== undefined);
  if (notLent !== undefined) return refuse(notLent);
  const identity = lentIdentity(observed, connection, cloud);
  return identity.ok
    ? { ok: true, value: { vaultUrl: connection.spec.vaultUrl, identity: identity.value } }
    : identity;
}

function lendingProblem(
  { vaultSecret: { namespace } }: AccessInput,
  connection: GrantedConnection,
  ref: SourceRef,
  cloud: Cloud,
): ReconcileError | undefined {
  const names = { connection: connection.name, namespace };
  if ('name' in ref) {
    const details = { ...names, objectName: ref.name };
    return isLent(connection, namespace, ref.name)
      ? undefined
      : new ReconcileError('ObjectNotLent', { details });
  }
  const source = sourceKey(ref);
  return isTokenLent(connection, ref, cloud)
    ? undefined
    : new ReconcileError('TokenNotLent', { details: { ...names, source } });
}

/**
 * Why reading failed, as the user of a lent identity may know it: neither ids nor vault of another owner.
 * The administrator finds the whole in the cause.
 */
export function concealed(error: ReconcileError, identity: Identity): ReconcileError {
  if (!isLentIdentity(identity)) return error;
  const { connection, namespace } = identity;
  const { code: originalCode, retry } = error.entry;
  const details = { connection, namespace, originalCode };
  const options = { details, retryAfterMs: error.retryAfterMs, cause: error };
  return retry === 'backoff' || retry === 'throttled'
    ? new ReconcileError('LentReadUnavailable', options)
    : new ReconcileError('LentReadRefused', options);
}
