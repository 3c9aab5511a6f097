import { accessErrors, type Caller, type VaultError } from './vaultErrors.ts';
import type { Operation } from './vaultRequest.ts';
import type { Vault } from './vaultStore.ts';

const prefix = 'Microsoft.KeyVault/vaults/secrets';

/** What each operation needs: an access policy's permission, or an RBAC data action. */
const needs: Readonly<Record<Operation, { permission: string; action: string }>> = {
  get: { permission: 'get', action: `${prefix}/getSecret/action` },
  getVersion: { permission: 'get', action: `${prefix}/getSecret/action` },
  list: { permission: 'list', action: `${prefix}/readMetadata/action` },
  listVersions: { permission: 'list', action: `${prefix}/readMetadata/action` },
  set: { permission: 'set', action: `${prefix}/setSecret/action` },
  update: { permission: 'set', action: `${prefix}/update/action` },
  delete: { permission: 'delete', action: `${prefix}/delete` },
  getDeleted: { permission: 'get', action: `${prefix}/readMetadata/action` },
  listDeleted: { permission: 'list', action: `${prefix}/readMetadata/action` },
  recover: { permission: 'recover', action: `${prefix}/recover/action` },
  purge: { permission: 'purge', action: `${prefix}/purge/action` },
  backup: { permission: 'backup', action: `${prefix}/backup/action` },
  restore: { permission: 'restore', action: `${prefix}/restore/action` },
};

export const secretPermissions = [
  ...['get', 'list', 'set', 'delete', 'recover', 'backup', 'restore', 'purge'],
] as const;

const readMetadata = `${prefix}/readMetadata/action`;
const everySecretAction = new Set(Object.values(needs).map(({ action }) => action));

/** Built-in roles with their data actions on secrets (learn.microsoft.com, built-in roles). */
export const roles: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['Key Vault Administrator', everySecretAction],
  ['Key Vault Secrets Officer', everySecretAction],
  ['Key Vault Secrets User', new Set([`${prefix}/getSecret/action`, readMetadata])],
  ['Key Vault Reader', new Set([readMetadata])],
  ['Key Vault Certificates Officer', new Set<string>()],
  ['Key Vault Crypto User', new Set<string>()],
]);

export type Authorization =
  | { kind: 'allowed'; assignmentId: string | undefined }
  | { kind: 'denied'; error: VaultError };

export function authorize(
  vault: Vault,
  caller: Caller,
  operation: Operation,
  secretName: string | undefined,
): Authorization {
  const { permission, action } = needs[operation];
  const clientId = caller.appid.toLowerCase();
  if (vault.settings.authorization === 'accessPolicies') {
    if (vault.accessPolicies.get(clientId)?.has(permission) === true) {
      return { kind: 'allowed', assignmentId: undefined };
    }
    return { kind: 'denied', error: accessErrors.policy(vault, caller, permission) };
  }
  const scopeName = secretName?.toLowerCase();
  const assignment = vault.roleAssignments.find(
    (candidate) =>
      candidate.clientId === clientId &&
      (candidate.secret === undefined || candidate.secret === scopeName) &&
      roles.get(candidate.role)?.has(action) === true,
  );
  if (assignment !== undefined) return { kind: 'allowed', assignmentId: assignment.id };
  // Resource ids are printed in lower case; a list names the vault itself.
  const resource =
    scopeName === undefined ? vault.resourceId : `${vault.resourceId}/secrets/${scopeName}`;
  return { kind: 'denied', error: accessErrors.rbac(vault, caller, action, resource) };
}
