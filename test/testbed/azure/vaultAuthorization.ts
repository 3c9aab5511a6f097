import { accessErrors, type Caller } from './accessErrors.ts';
import type { VaultError } from './vaultErrors.ts';
import type { Operation } from './operationNames.ts';
import type { Vault } from './vaultStore.ts';

const root = 'Microsoft.KeyVault/vaults';

export type Collection = 'secrets' | 'certificates' | 'keys';

interface Need {
  collection: Collection;
  /** Of an access policy. */
  permission: string;
  /** RBAC data action. */
  action: string;
}

const needSecrets = (permission: string, action: string): Need => ({
  collection: 'secrets',
  permission,
  action: `${root}/secrets/${action}`,
});
const needCertificates = (permission: string, action: string): Need => ({
  collection: 'certificates',
  permission,
  action: `${root}/certificates/${action}`,
});
const needKeys = (permission: string, action: string): Need => ({
  collection: 'keys',
  permission,
  action: `${root}/keys/${action}`,
});

const needs: Readonly<Record<Operation, Need>> = {
  get: needSecrets('get', 'getSecret/action'),
  getVersion: needSecrets('get', 'getSecret/action'),
  list: needSecrets('list', 'readMetadata/action'),
  listVersions: needSecrets('list', 'readMetadata/action'),
  set: needSecrets('set', 'setSecret/action'),
  update: needSecrets('set', 'update/action'),
  delete: needSecrets('delete', 'delete'),
  getDeleted: needSecrets('get', 'readMetadata/action'),
  listDeleted: needSecrets('list', 'readMetadata/action'),
  recover: needSecrets('recover', 'recover/action'),
  purge: needSecrets('purge', 'purge/action'),
  backup: needSecrets('backup', 'backup/action'),
  restore: needSecrets('restore', 'restore/action'),
  createCertificate: needCertificates('create', 'create/action'),
  getCertificate: needCertificates('get', 'read'),
  getPendingCertificate: needCertificates('get', 'read'),
  getCertificatePolicy: needCertificates('get', 'read'),
  listCertificates: needCertificates('list', 'read'),
  listKeys: needKeys('list', 'read'),
  getKey: needKeys('get', 'read'),
  createKey: needKeys('create', 'create/action'),
  useKey: needKeys('sign', 'sign/action'),
};

export const policyPermissions = {
  secrets: ['get', 'list', 'set', 'delete', 'recover', 'backup', 'restore', 'purge'],
  certificates: ['get', 'list', 'create'],
  keys: ['get', 'list', 'create', 'sign'],
} as const satisfies Readonly<Record<Collection, readonly string[]>>;

const readMetadata = `${root}/secrets/readMetadata/action`;
const getSecret = `${root}/secrets/getSecret/action`;

/** Built-in roles and what of their data actions is served here (learn.microsoft.com, built-in roles). */
const actionPatterns: Readonly<Record<string, readonly string[]>> = {
  'Key Vault Administrator': [`${root}/*`],
  'Key Vault Reader': [`${root}/*/read`, readMetadata],
  'Key Vault Secrets Officer': [`${root}/secrets/*`],
  'Key Vault Secrets User': [getSecret, readMetadata],
  'Key Vault Certificates Officer': [`${root}/certificates/*`],
  'Key Vault Certificate User': [`${root}/certificates/read`, getSecret, readMetadata],
  'Key Vault Crypto Officer': [`${root}/keys/*`],
  'Key Vault Crypto User': [`${root}/keys/read`, `${root}/keys/sign/action`],
};

/** Data actions by role. */
export const roles: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(actionPatterns).map(([role, patterns]) => [role, actionsOf(patterns)]),
);

function actionsOf(patterns: readonly string[]): ReadonlySet<string> {
  const actions = Object.values(needs).map(({ action }) => action);
  return new Set(actions.filter((action) => patterns.some((pattern) => matches(pattern, action))));
}

function matches(pattern: string, action: string): boolean {
  const [start = '', end] = pattern.split('*');
  return end === undefined ? action === start : action.startsWith(start) && action.endsWith(end);
}

export type Authorization =
  | { kind: 'allowed'; assignmentId: string | undefined }
  | { kind: 'denied'; error: VaultError };

/** One request of one identity, as authorization sees it. */
export interface Access {
  caller: Caller;
  operation: Operation;
  /** Of the secret, certificate or key; undefined where the whole vault is meant. */
  name: string | undefined;
  nowMs: number;
}

export function authorize(vault: Vault, access: Access): Authorization {
  return vault.settings.authorization === 'accessPolicies'
    ? authorizeByPolicy(vault, access)
    : authorizeByRole(vault, access);
}

function authorizeByPolicy(vault: Vault, { caller, operation }: Access): Authorization {
  const { collection, permission } = needs[operation];
  const granted = vault.accessPolicies.get(caller.appid.toLowerCase());
  if (granted?.has(`${collection}/${permission}`) === true) {
    return { kind: 'allowed', assignmentId: undefined };
  }
  const error = accessErrors.policy(vault, caller, `${collection} ${permission}`);
  return { kind: 'denied', error };
}

function authorizeByRole(vault: Vault, access: Access): Authorization {
  const { collection, action } = needs[access.operation];
  const clientId = access.caller.appid.toLowerCase();
  const name = access.name?.toLowerCase();
  const delayMs = vault.faults.propagationDelayMs ?? 0;
  const assignment = vault.roleAssignments.find(
    (candidate) =>
      candidate.clientId === clientId &&
      (candidate.secret === undefined || (collection === 'secrets' && candidate.secret === name)) &&
      candidate.createdAtMs + delayMs <= access.nowMs &&
      roles.get(candidate.role)?.has(action) === true,
  );
  if (assignment !== undefined) return { kind: 'allowed', assignmentId: assignment.id };
  // Resource ids are printed in lower case; a list names the vault itself.
  const resource =
    name === undefined ? vault.resourceId : `${vault.resourceId}/${collection}/${name}`;
  return { kind: 'denied', error: accessErrors.rbac(vault, access.caller, { action, resource }) };
}
