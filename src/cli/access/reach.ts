import { azureClouds } from '../../api/cloud.ts';
import type { ServicePrincipalSpec } from '../../api/servicePrincipal.ts';
import {
  type ClusterVaultConnection,
  type GrantedConnection,
  type VaultConnection,
} from '../../core/observed/connection.ts';
import { resolveIdentity } from '../../core/access/boundIdentity.ts';
import type { NamedServiceAccount } from '../../core/observed/identity.ts';
import { credentialSecretOf } from '../../core/observed/servicePrincipal.ts';
import { lentPatterns } from '../../core/access/lending.ts';

/** What gives a namespace its access. */
export interface AccessPath {
  readonly kind: 'ServiceAccount' | 'VaultConnection' | 'ClusterVaultConnection';
  readonly name: string;
}

/** What a VaultSecret author in this namespace can read. */
export interface Reach {
  readonly namespace: string;
  readonly through: AccessPath;
  /** The client id, or kind and ids of a lent identity; undefined where the VaultSecret names its ServiceAccount. */
  readonly identity?: string;
  /** The Secret in the namespace that holds the credential of the identity, where one is stored. */
  readonly credentialSecret?: string;
  /** Undefined also where only the controller knows its default. */
  readonly tenantId?: string;
  /** Undefined: every vault that Azure lets the identity read. */
  readonly vaultUrl?: string;
  /** Patterns, within what Azure lets the identity read. */
  readonly objects: readonly string[];
  /** What fits these as well is another namespace's. */
  readonly except: readonly string[];
  /** Anyone who may label namespaces can grant it. */
  readonly grantedByLabel: boolean;
}

/** Stands in for what only the controller knows, and is not shown. */
export const unknownId = '00000000-0000-0000-0000-000000000000';

interface Defaults {
  readonly clientId?: string | undefined;
  readonly tenantId?: string | undefined;
}

function identityFields(
  serviceAccount: NamedServiceAccount,
  { clientId, tenantId = unknownId }: Defaults,
): Pick<Reach, 'identity' | 'tenantId'> | undefined {
  const { namespace, name } = serviceAccount;
  const identity = resolveIdentity({
    namespace,
    serviceAccountName: name,
    serviceAccount,
    clientId,
    defaultTenantId: tenantId,
    cloud: azureClouds.AzurePublic,
  });
  if (!identity.ok) return undefined;
  const { clientId: id, tenantId: tenant } = identity.value;
  return { identity: id, ...(tenant === unknownId ? {} : { tenantId: tenant }) };
}

const everything = { objects: ['*'], except: [], grantedByLabel: false } as const;

/** Undefined for a ServiceAccount without a client id: it has no identity in Azure. */
export function reachOfServiceAccount(
  serviceAccount: NamedServiceAccount,
  tenantId: string | undefined,
): Reach | undefined {
  const { namespace, name } = serviceAccount;
  const identity = identityFields(serviceAccount, { tenantId });
  return (
    identity && { namespace, through: { kind: 'ServiceAccount', name }, ...identity, ...everything }
  );
}

/** Undefined for one that names only the vault. */
export function reachOfConnection(
  { namespace, name, spec, problem }: VaultConnection,
  serviceAccounts: readonly NamedServiceAccount[],
  tenantId: string | undefined,
): Reach | undefined {
  if (problem !== undefined) return undefined;
  const { clientId, tenantId: own = tenantId, vaultUrl, servicePrincipal } = spec;
  const serviceAccount = serviceAccounts.find(
    (one) => one.namespace === namespace && one.name === spec.serviceAccountName,
  );
  const identity =
    servicePrincipal === undefined
      ? serviceAccount && identityFields(serviceAccount, { clientId, tenantId: own })
      : storedFields(servicePrincipal);
  const through = { kind: 'VaultConnection', name } as const;
  return identity && { namespace, through, ...identity, vaultUrl, ...everything };
}

function storedFields(spec: ServicePrincipalSpec) {
  return {
    identity: spec.clientId.toLowerCase(),
    tenantId: spec.tenantId.toLowerCase(),
    credentialSecret: credentialSecretOf(spec),
  };
}

/** One for each namespace that it allows. */
export function reachesOfClusterConnection(connection: GrantedConnection): readonly Reach[] {
  const { name, spec, problem, allowed } = connection;
  if (problem !== undefined) return [];
  const { lend, vaultUrl, tenantId } = spec;
  return allowed.map((namespace) => ({
    ...everything,
    namespace,
    through: { kind: 'ClusterVaultConnection', name },
    ...(lend === undefined
      ? {}
      : { identity: describedIdentity(lend.identity), ...lentPatterns(connection, namespace) }),
    ...(tenantId === undefined ? {} : { tenantId: tenantId.toLowerCase() }),
    vaultUrl,
    grantedByLabel: spec.allowedNamespaces.names?.includes(namespace) !== true,
  }));
}

type LentIdentitySpec = NonNullable<ClusterVaultConnection['spec']['lend']>['identity'];

function describedIdentity({ kind, ...ids }: LentIdentitySpec): string {
  return [kind, ...Object.values(ids)].join(' ');
}
