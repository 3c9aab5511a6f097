import { z } from 'zod';
import type { AzureAdmin } from '../../testbed/azureAdmin.ts';
import type { AzureCommand } from './azureCommand.ts';
import type { ParsedCommand } from './commandFlags.ts';
import { identitiesOf } from './identityCommands.ts';

const vaultsSchema = z.array(
  z.looseObject({ name: z.string(), tenantId: z.string(), authorization: z.string() }),
);
const faultsSchema = z.looseObject({ network: z.string().optional() });
const permissionSchema = z.array(z.enum(['get', 'list']));

export const keyVaultCommands: Readonly<Record<string, AzureCommand>> = {
  'keyvault create': {
    flags: ['name', 'resource-group', 'location', 'enable-rbac-authorization'],
    async run(azure, command) {
      const isRbac = command.value('enable-rbac-authorization') === 'true';
      const authorization = isRbac ? 'rbac' : 'accessPolicies';
      return silent(azure.createVaults({ name: command.value('name'), authorization }));
    },
  },
  'keyvault show': {
    flags: ['name'],
    async run(azure, command) {
      const { name, tenantId } = await vaultOf(azure, command.value('name'));
      const query = command.value('query');
      if (query === 'properties.tenantId') return tenantId;
      if (query === 'id') return `/subscriptions/s/providers/Microsoft.KeyVault/vaults/${name}`;
      throw new Error(`this az cannot query ${query}`);
    },
  },
  'keyvault recover': {
    flags: ['name'],
    run: async (azure, command) =>
      silent(azure.call('POST', `/vaults/${command.value('name')}/recover`)),
  },
  'keyvault update': {
    flags: ['name', 'public-network-access'],
    async run(azure, command) {
      const isEnabled = command.value('public-network-access') === 'Enabled';
      return isEnabled
        ? openTo(azure, command.value('name'), ['privateLink', 'publicAccessDisabled'])
        : '';
    },
  },
  'keyvault network-rule add': {
    flags: ['name', 'ip-address'],
    async run(azure, command) {
      if (command.value('ip-address') !== '127.0.0.1') throw new Error('that is not our address');
      return openTo(azure, command.value('name'), ['clientAddress']);
    },
  },
  /** From then on the name resolves to the private endpoint. */
  'network private-dns link vnet create': {
    flags: ['name', 'resource-group', 'zone-name', 'virtual-network', 'registration-enabled'],
    async run(azure, command) {
      if (command.value('zone-name') !== 'privatelink.vaultcore.azure.net')
        throw new Error('that is not the zone of vaults');
      for (const flag of ['resource-group', 'virtual-network', 'registration-enabled'])
        command.value(flag);
      return openTo(azure, command.value('name'), ['privateLink']);
    },
  },
  'role assignment create': {
    flags: ['role', 'assignee', 'assignee-object-id', 'assignee-principal-type', 'scope'],
    async run(azure, command) {
      const scope = /\/Microsoft\.KeyVault\/vaults\/([^/]+)(?:\/secrets\/([^/]+))?$/.exec(
        command.value('scope'),
      );
      const [, vault = '', secret] = scope ?? [];
      await requireMode(azure, vault, 'rbac');
      // Whoever calls may do everything here.
      if (isForAUser(command)) return '';
      const clientId = await principalOf(azure, command, 'assignee');
      const role = command.value('role');
      const only = secret === undefined ? {} : { secret };
      return silent(azure.assignRoles({ vault, clientId, role, ...only }));
    },
  },
  'keyvault set-policy': {
    flags: ['name', 'spn', 'object-id', 'secret-permissions'],
    async run(azure, command) {
      const vault = command.value('name');
      const clientId = await principalOf(azure, command, 'spn');
      await requireMode(azure, vault, 'accessPolicies');
      const secrets = permissionSchema.parse(command.values('secret-permissions'));
      return silent(azure.setAccessPolicies({ vault, clientId, secrets }));
    },
  },
  'keyvault secret set': {
    flags: ['vault-name', 'name', 'file', 'value'],
    async run(azure, command) {
      const value = command.has('file') ? `of ${command.value('file')}` : command.value('value');
      await azure.putSecret(command.value('vault-name'), command.value('name'), { value });
      return '';
    },
  },
  'keyvault secret set-attributes': {
    flags: ['id', 'enabled', 'not-before', 'expires'],
    async run(azure, command) {
      const [, vault = '', name = ''] =
        /^https:\/\/([^.]+)\.vault\.azure\.net\/secrets\/([^/]+)$/.exec(command.value('id')) ?? [];
      const seconds = (flag: string): number => Date.parse(command.value(flag)) / 1000;
      return silent(
        azure.changeSecret(vault, name, {
          ...(command.has('enabled') ? { enabled: command.value('enabled') === 'true' } : {}),
          ...(command.has('not-before') ? { notBefore: seconds('not-before') } : {}),
          ...(command.has('expires') ? { expires: seconds('expires') } : {}),
        }),
      );
    },
  },
  'keyvault secret recover': {
    flags: ['vault-name', 'name'],
    run: async (azure, command) =>
      silent(azure.recoverSecret(command.value('vault-name'), command.value('name'))),
  },
};

/** By client id, or by object id, which is taken at its word only with the kind of the principal beside it. */
async function principalOf(
  azure: AzureAdmin,
  command: ParsedCommand,
  flag: 'assignee' | 'spn',
): Promise<string> {
  if (command.has(flag)) return command.value(flag);
  const byId = flag === 'spn' ? 'object-id' : 'assignee-object-id';
  if (flag === 'assignee' && command.value('assignee-principal-type') !== 'ServicePrincipal')
    throw new Error('a managed identity is a ServicePrincipal');
  const wanted = command.value(byId);
  const found = (await identitiesOf(azure)).find(({ objectId }) => objectId === wanted);
  if (found === undefined) throw new Error(`there is no principal ${wanted}`);
  return found.clientId;
}

function isForAUser(command: ParsedCommand): boolean {
  return (
    command.has('assignee-principal-type') && command.value('assignee-principal-type') === 'User'
  );
}

async function silent(call: Promise<unknown>): Promise<string> {
  await call;
  return '';
}

async function vaultOf(azure: AzureAdmin, name: string) {
  const vaults = vaultsSchema.parse(await azure.call('GET', '/vaults'));
  const found = vaults.find((vault) => vault.name === name);
  if (found === undefined) throw new Error(`there is no vault ${name}`);
  return found;
}

/** A vault takes either roles or access policies, and the command for the other has no effect. */
async function requireMode(azure: AzureAdmin, vault: string, mode: string): Promise<void> {
  const { authorization } = await vaultOf(azure, vault);
  if (authorization !== mode) throw new Error(`vault ${vault} goes by ${authorization}`);
}

/** Ends the refusal of one of these rules, and of no other. */
async function openTo(azure: AzureAdmin, vault: string, rules: readonly string[]): Promise<string> {
  const { network } = faultsSchema.parse(await azure.call('GET', `/vaults/${vault}/faults`));
  if (network !== undefined && rules.includes(network)) await azure.setVaultFaults(vault, {});
  return '';
}
