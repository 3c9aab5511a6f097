import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { AzureAdmin } from '../../testbed/azureAdmin.ts';
import type { AzureCommand } from './azureCommand.ts';
import type { ParsedCommand } from './commandFlags.ts';

const identitiesSchema = z.array(
  z.looseObject({
    clientId: z.string(),
    objectId: z.string(),
    displayName: z.string(),
    resourceId: z.string(),
    federatedCredentials: z.array(
      z.looseObject({ issuer: z.string(), subject: z.string(), audience: z.string() }),
    ),
  }),
);
type Identity = z.infer<typeof identitiesSchema>[number];

const credentialFlags = [
  'name',
  'identity-name',
  'resource-group',
  'issuer',
  'subject',
  'audiences',
];

export const identityCommands: Readonly<Record<string, AzureCommand>> = {
  'identity list': {
    flags: [],
    async run(azure, command) {
      const [, clientId, field] =
        /^\[\?clientId=='([^']+)'\]\.(name|resourceGroup)$/.exec(command.value('query')) ?? [];
      const found = (await identitiesOf(azure)).filter((one) => one.clientId === clientId);
      return found
        .map((one) => (field === 'name' ? one.displayName : resourceGroupOf(one)))
        .join('\n');
    },
  },
  'identity federated-credential list': {
    flags: ['identity-name', 'resource-group'],
    async run(azure, command) {
      const [, subject] = /^\[\?subject=='([^']+)'\]\.name$/.exec(command.value('query')) ?? [];
      const { federatedCredentials } = await identityOf(azure, command);
      return federatedCredentials
        .flatMap((one, index) => (one.subject === subject ? [nameAt(index)] : []))
        .join('\n');
    },
  },
  'identity federated-credential create': {
    flags: credentialFlags,
    async run(azure, command) {
      command.value('name');
      const identity = await identityOf(azure, command);
      const wanted = credentialOf(command);
      if (identity.federatedCredentials.some((one) => isSamePair(one, wanted)))
        throw new Error('Issuer and subject combination must be unique for this Managed Identity.');
      await azure.addFederatedCredentials({ clientId: identity.clientId, ...wanted });
      return '';
    },
  },
  'identity federated-credential update': {
    flags: credentialFlags,
    async run(azure, command) {
      const { clientId, federatedCredentials } = await identityOf(azure, command);
      const present = federatedCredentials.find(
        (_, index) => nameAt(index) === command.value('name'),
      );
      if (present === undefined) throw new Error('there is no such federated credential');
      const { issuer, subject } = present;
      await azure.removeFederatedCredentials({ clientId, issuer, subject });
      await azure.addFederatedCredentials({ clientId, ...credentialOf(command) });
      return '';
    },
  },
  'ad app credential reset': {
    flags: ['id', 'append'],
    run: (azure, command) => addPassword(azure, command.value('id')),
  },
  'ad sp update': {
    flags: ['id', 'set'],
    async run(azure, command) {
      const [field, value] = command.value('set').split('=');
      if (field !== 'accountEnabled') throw new Error(`az ad sp update knows no ${field}`);
      const disabled = value !== 'true';
      await azure.call('PATCH', `/applications/${command.value('id')}`, { disabled });
      return '';
    },
  },
};

/** Answers the password, which nobody is told again. */
async function addPassword(azure: AzureAdmin, clientId: string): Promise<string> {
  const value = randomUUID();
  const expiresAtMs = Date.now() + 86_400_000;
  await azure.changeApplication(clientId, { clientSecrets: [{ value, expiresAtMs }] });
  return `${value}\n`;
}

export async function identitiesOf(azure: AzureAdmin): Promise<readonly Identity[]> {
  return identitiesSchema.parse(await azure.call('GET', '/applications'));
}

async function identityOf(azure: AzureAdmin, command: ParsedCommand): Promise<Identity> {
  const [name, group] = [command.value('identity-name'), command.value('resource-group')];
  const found = (await identitiesOf(azure)).find(
    (one) => one.displayName === name && resourceGroupOf(one) === group,
  );
  if (found === undefined) throw new Error(`there is no identity ${name} in group ${group}`);
  return found;
}

export function resourceGroupOf({ resourceId }: Identity): string {
  return /\/resourcegroups\/([^/]+)/i.exec(resourceId)?.[1] ?? '';
}

/** The stand-in gives them none. */
const nameAt = (index: number): string => `credential-${index}`;

function credentialOf(command: ParsedCommand) {
  const audience = command.value('audiences');
  return { issuer: command.value('issuer'), subject: command.value('subject'), audience };
}

function isSamePair(
  one: { readonly issuer: string; readonly subject: string },
  other: { readonly issuer: string; readonly subject: string },
): boolean {
  return one.issuer === other.issuer && one.subject === other.subject;
}
