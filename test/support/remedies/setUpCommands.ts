import type { AzureCommand } from './azureCommand.ts';
import { identitiesOf, resourceGroupOf } from './identityCommands.ts';

const type = 'providers/Microsoft.ManagedIdentity/userAssignedIdentities';

/** What `vaultsecret setup` prints besides what remedies do: https://learn.microsoft.com/en-us/cli/azure/identity */
export const setUpCommands: Readonly<Record<string, AzureCommand>> = {
  'identity create': {
    flags: ['name', 'resource-group', 'location'],
    async run(azure, command) {
      const [displayName, group] = [command.value('name'), command.value('resource-group')];
      const resourceId = `/subscriptions/s/resourcegroups/${group}/${type}/${displayName}`;
      await azure.createApplications({ kind: 'userAssignedIdentity', displayName, resourceId });
      return '';
    },
  },
  'identity show': {
    flags: ['name', 'resource-group'],
    async run(azure, command) {
      const [name, group] = [command.value('name'), command.value('resource-group')];
      const found = (await identitiesOf(azure)).find(
        (one) => one.displayName === name && resourceGroupOf(one) === group,
      );
      if (found === undefined) throw new Error(`there is no identity ${name} in group ${group}`);
      const fields = {
        id: found.resourceId,
        clientId: found.clientId,
        principalId: found.objectId,
      };
      const field = Object.entries(fields).find(([key]) => key === command.value('query'));
      if (field === undefined) throw new Error(`this az cannot query ${command.value('query')}`);
      return `${field[1]}\n`;
    },
  },
};
