import type { CloudTools } from './cloudTools.ts';

/** What is to be set up in Azure and on the cluster, so that somebody may read a vault. Every name fits Azure's rules. */
export interface SetUp {
  /** Undefined where the tools begin: in the public one. */
  readonly cloud?: CloudTools | undefined;
  readonly subscription?: string | undefined;
  readonly identity: UserAssignedIdentity | SystemAssignedIdentity;
  readonly vault: VaultGrant;
}

export interface UserAssignedIdentity {
  readonly kind: 'userAssigned';
  readonly name: string;
  readonly resourceGroup: string;
  /** Default: that of the resource group. */
  readonly location?: string | undefined;
  /** It is there already and is left as it is. */
  readonly exists: boolean;
  /** Where it is put on, so that what runs there can be it. */
  readonly host?: Host | undefined;
  /** https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation-create-trust-user-assigned-managed-identity */
  readonly federation?: Federation | undefined;
  /** In the place of a federated credential. */
  readonly binding?: IdentityBinding | undefined;
}

/** Takes no federated credentials, so that no ServiceAccount can be it. */
export interface SystemAssignedIdentity {
  readonly kind: 'systemAssigned';
  readonly host: Host;
}

export type HostKind = 'vm' | 'vmss' | 'functionapp' | 'webapp';

export interface Host {
  readonly kind: HostKind;
  readonly name: string;
  readonly resourceGroup: string;
}

/** Whose ServiceAccount tokens are taken for the identity. */
export interface Federation {
  readonly name: string;
  readonly issuer: Issuer;
  readonly serviceAccount: { readonly namespace: string; readonly name: string };
}

/** AKS itself gives a ServiceAccount tokens of the identity: https://learn.microsoft.com/en-us/azure/aks/identity-bindings-concepts */
export interface IdentityBinding {
  readonly name: string;
  readonly cluster: { readonly name: string; readonly resourceGroup: string };
  readonly serviceAccount: Federation['serviceAccount'];
}

export type Issuer =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'aks'; readonly name: string; readonly resourceGroup: string };

export interface VaultGrant {
  readonly name: string;
  readonly resourceGroup: string;
  readonly grant: RoleGrant | PolicyGrant;
}

export interface RoleGrant {
  readonly kind: 'role';
  /** Only these; the whole vault when there are none. */
  readonly secrets: readonly string[];
}

/** An access policy always speaks of the whole vault. */
export interface PolicyGrant {
  readonly kind: 'policy';
  readonly permissions: readonly ('get' | 'list')[];
}

/** https://learn.microsoft.com/en-us/azure/role-based-access-control/built-in-roles/security#key-vault-secrets-user */
export const secretsUser = {
  name: 'Key Vault Secrets User',
  id: '4633458b-17de-408a-b874-0445c86b69e6',
} as const;

/** https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/ */
export function subjectOf({ serviceAccount: { namespace, name } }: Federation): string {
  return `system:serviceaccount:${namespace}:${name}`;
}
