import { randomUUID } from 'node:crypto';
import { publicCloud } from './standInClouds.ts';
import type { RegisteredCertificate } from './registeredCertificate.ts';

export type ApplicationKind = 'application' | 'userAssignedIdentity' | 'systemAssignedIdentity';

export interface FederatedCredential {
  issuer: string;
  subject: string;
  audience: string;
  createdAtMs: number;
}

export interface ClientSecret {
  value: string;
  expiresAtMs: number;
}

/** An application registration or managed identity with its service principal in one tenant. */
export interface Application {
  readonly clientId: string;
  readonly objectId: string;
  readonly tenantId: string;
  readonly kind: ApplicationKind;
  readonly displayName: string;
  /** ARM id, for managed identities asked by `msi_res_id`. */
  readonly resourceId: string;
  /** ARM id of the host that asks for tokens, where these name it. */
  readonly hostResourceId: string | undefined;
  disabled: boolean;
  clientSecrets: ClientSecret[];
  certificates: readonly RegisteredCertificate[];
  federatedCredentials: FederatedCredential[];
  /** Subjects that may use it by an AKS identity binding. */
  identityBindings: readonly string[];
}

export interface ApplicationInput {
  clientId?: string | undefined;
  objectId?: string | undefined;
  tenantId: string;
  kind?: ApplicationKind | undefined;
  displayName?: string | undefined;
  resourceId?: string | undefined;
  hostResourceId?: string | undefined;
  clientSecrets?: ClientSecret[] | undefined;
  certificates?: readonly RegisteredCertificate[] | undefined;
}

export interface Tenant {
  tenantId: string;
  /** Printed instead of the id where an application or resource is unknown, as real tenants have one. */
  displayName?: string | undefined;
  regionScope?: string | undefined;
  /** Name; AzurePublic unless given. */
  cloud?: string | undefined;
}

/** What Entra ID knows: tenants, and the applications of each. Ids compare without case. */
export interface EntraDirectory {
  /** Adding a known tenant changes what is given. */
  addTenant(tenant: Tenant): void;
  tenant(tenantId: string): Tenant | undefined;
  addApplication(input: ApplicationInput): Application;
  removeApplication(clientId: string): boolean;
  application(clientId: string): Application | undefined;
  applications(): Iterable<Application>;
}

export function createEntraDirectory(): EntraDirectory {
  const tenants = new Map<string, Tenant>();
  const applications = new Map<string, Application>();
  const addTenant = (tenant: Tenant): void => {
    const key = tenant.tenantId.toLowerCase();
    tenants.set(key, { ...tenants.get(key), ...tenant });
  };
  return {
    addTenant,
    tenant: (tenantId) => tenants.get(tenantId.toLowerCase()),
    addApplication(input) {
      const application = newApplication(input);
      addTenant({ tenantId: application.tenantId });
      applications.set(application.clientId.toLowerCase(), application);
      return application;
    },
    removeApplication: (clientId) => applications.delete(clientId.toLowerCase()),
    application: (clientId) => applications.get(clientId.toLowerCase()),
    applications: () => applications.values(),
  };
}

function newApplication(input: ApplicationInput): Application {
  const clientId = input.clientId ?? randomUUID();
  const displayName = input.displayName ?? clientId;
  const { kind = 'application' } = input;
  return {
    clientId,
    objectId: input.objectId ?? randomUUID(),
    tenantId: input.tenantId,
    kind,
    displayName,
    resourceId:
      input.resourceId ??
      `/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/testbed/providers/${providerOf(kind)}/${displayName}`,
    hostResourceId: input.hostResourceId,
    disabled: false,
    clientSecrets: input.clientSecrets ?? [],
    certificates: input.certificates ?? [],
    federatedCredentials: [],
    identityBindings: [],
  };
}

/** The system-assigned identity of a host has the resource id of the host. */
function providerOf(kind: ApplicationKind): string {
  return kind === 'systemAssignedIdentity'
    ? 'Microsoft.Compute/virtualMachineScaleSets'
    : 'Microsoft.ManagedIdentity/userAssignedIdentities';
}

/** As Microsoft Entra ID of one cloud sees it: tenants of the others are unknown. */
export function directoryOf(directory: EntraDirectory, cloud: string): EntraDirectory {
  return {
    ...directory,
    tenant(tenantId) {
      const tenant = directory.tenant(tenantId);
      return cloudNameOf(tenant) === cloud ? tenant : undefined;
    },
  };
}

export function cloudNameOf(tenant: Tenant | undefined): string {
  return tenant?.cloud ?? publicCloud.name;
}
