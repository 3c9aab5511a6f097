import { latestApiVersion } from './apiVersions.ts';
import type { CertificateIssuer } from './certificateIssuers.ts';
import type { CertificatePolicy } from './certificatePolicy.ts';
import { publicCloud, type StandInCloud } from './standInClouds.ts';
import type { VaultFaults } from './faults.ts';

export interface SecretVersion {
  readonly id: string;
  readonly value: string;
  /** What outContentType=application/x-pem-file answers, for a PFX behind a certificate. */
  readonly pem: string | undefined;
  readonly managed: boolean;
  /** Epoch seconds, as every time below: Key Vault knows no fractions. */
  readonly created: number;
  contentType: string | undefined;
  tags: Readonly<Record<string, string>> | undefined;
  enabled: boolean;
  notBefore: number | undefined;
  expires: number | undefined;
  updated: number;
}

export interface StoredSecret {
  readonly name: string;
  readonly versions: Map<string, SecretVersion>;
  /** The last created version, also when it is disabled or not yet valid. */
  newest: SecretVersion;
  deletedAtMs: number | undefined;
  recoveredAtMs: number | undefined;
}

/** The newest certificate of a name; its key and chain are the secret of the same version. */
export interface StoredCertificate {
  readonly name: string;
  readonly policy: CertificatePolicy;
  readonly version: SecretVersion;
  /** PKCS #10 and X.509, both DER. */
  readonly request: Buffer;
  readonly certificate: Buffer;
  readonly thumbprint: Buffer;
  readonly requestId: string;
  readonly createdAtMs: number;
  status: 'inProgress' | 'completed';
}

export interface RoleAssignment {
  readonly id: string;
  readonly clientId: string;
  readonly role: string;
  /** Scope: this secret only, or the whole vault. */
  readonly secret: string | undefined;
  readonly createdAtMs: number;
}

export type AuthorizationMode = 'rbac' | 'accessPolicies';

export interface VaultSettings {
  name: string;
  cloud: StandInCloud;
  tenantId: string;
  authorization: AuthorizationMode;
  /** 7 to 90; 0 is a vault without soft delete, as existed until 2025. */
  recoverableDays: number;
  purgeProtection: boolean;
  location: string;
  /** Secret transactions served in any 10 seconds; 0 is no limit. */
  transactionsPer10s: number;
  /** Of the service that answers: texts changed over the years. */
  serviceVersion: string;
  latestApiVersion: string;
  /** Both are printed in refusals, as part of the resource id. */
  subscriptionId: string;
  resourceGroup: string;
}

export interface Vault {
  readonly settings: VaultSettings;
  readonly resourceId: string;
  /** By upper-cased name: names compare without case. */
  readonly secrets: Map<string, StoredSecret>;
  readonly purgedAtMs: Map<string, number>;
  /** By upper-cased name. */
  readonly certificates: Map<string, StoredCertificate>;
  /** By upper-cased name. */
  readonly certificateIssuers: Map<string, CertificateIssuer>;
  /** By client id: what is granted, as `secrets/get`. */
  readonly accessPolicies: Map<string, ReadonlySet<string>>;
  roleAssignments: RoleAssignment[];
  faults: VaultFaults;
  readonly newVersionId: () => string;
  /** Upper-cased names in listing order; undefined when the set of names has changed. */
  sortedNames: string[] | undefined;
}

/** Real limit of secret transactions per vault and region (learn.microsoft.com, service limits). */
const secretTransactionsPer10s = 4_000;
const currentServiceVersion = '1.9.3449.1';

export function createVault(
  settings: Pick<VaultSettings, 'name' | 'tenantId'> & Partial<VaultSettings>,
  newVersionId: () => string,
): Vault {
  const all: VaultSettings = {
    cloud: publicCloud,
    authorization: 'rbac',
    recoverableDays: 90,
    purgeProtection: false,
    location: 'westeurope',
    transactionsPer10s: secretTransactionsPer10s,
    serviceVersion: currentServiceVersion,
    latestApiVersion,
    subscriptionId: '00000000-0000-0000-0000-000000000000',
    resourceGroup: 'testbed',
    ...settings,
    name: settings.name.toLowerCase(),
  };
  return {
    settings: all,
    resourceId: resourceIdOf(all),
    secrets: new Map(),
    purgedAtMs: new Map(),
    certificates: new Map(),
    certificateIssuers: new Map(),
    accessPolicies: new Map(),
    roleAssignments: [],
    faults: {},
    newVersionId,
    sortedNames: undefined,
  };
}

/** Lower-case, as refusals print it. */
function resourceIdOf({ subscriptionId, resourceGroup, name }: VaultSettings): string {
  const group = resourceGroup.toLowerCase();
  return `/subscriptions/${subscriptionId}/resourcegroups/${group}/providers/microsoft.keyvault/vaults/${name}`;
}

export interface VersionInput {
  value: string;
  pem?: string | undefined;
  managed?: boolean | undefined;
  contentType?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
  enabled?: boolean | undefined;
  notBefore?: number | undefined;
  expires?: number | undefined;
}

/** Adds a version, and the secret when it is new. A soft-deleted secret must be refused before. */
export function putVersion(
  vault: Vault,
  name: string,
  input: VersionInput,
  seconds: number,
): SecretVersion {
  const version: SecretVersion = {
    id: vault.newVersionId(),
    value: input.value,
    pem: input.pem,
    managed: input.managed ?? false,
    created: seconds,
    contentType: input.contentType,
    tags: input.tags,
    enabled: input.enabled ?? true,
    notBefore: input.notBefore,
    expires: input.expires,
    updated: seconds,
  };
  const known = vault.secrets.get(name.toUpperCase());
  if (known === undefined) {
    addSecret(vault, { name, versions: new Map([[version.id, version]]), newest: version });
  } else {
    known.versions.set(version.id, version);
    known.newest = version;
  }
  return version;
}

export function addSecret(
  vault: Vault,
  secret: Pick<StoredSecret, 'name' | 'versions' | 'newest'>,
): void {
  const key = secret.name.toUpperCase();
  vault.secrets.set(key, { ...secret, deletedAtMs: undefined, recoveredAtMs: undefined });
  vault.sortedNames = undefined;
}

export function removeSecret(vault: Vault, secret: StoredSecret): void {
  vault.secrets.delete(secret.name.toUpperCase());
  vault.sortedNames = undefined;
}

/** Secrets are listed by upper-cased name (1,130 of 1,135 recorded lists). */
export function sortedNames(vault: Vault): readonly string[] {
  vault.sortedNames ??= [...vault.secrets.keys()].sort();
  return vault.sortedNames;
}
