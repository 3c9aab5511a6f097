import type { AzureCommand } from './azureCommand.ts';

/** What the stand-in has no need of: groups, clusters, images and networks. Only the flags are looked at. */
function known(...flags: readonly string[]): AzureCommand {
  return { flags, run: () => Promise.resolve('') };
}

function answering(query: string, answer: string): AzureCommand {
  return {
    flags: [],
    run: (_, command) =>
      command.value('query') === query
        ? Promise.resolve(answer)
        : Promise.reject(new Error(`this az cannot query ${command.value('query')}`)),
  };
}

/** https://learn.microsoft.com/en-us/cli/azure/aks, …/acr, …/group, …/network, …/account, …/ad/signed-in-user */
export const cloudCommands: Readonly<Record<string, AzureCommand>> = {
  'group create': known('name', 'location'),
  'acr create': known('name', 'resource-group', 'sku'),
  'acr build': known('registry', 'image', 'build-arg'),
  'aks create': known(
    'name',
    'resource-group',
    'node-count',
    'enable-oidc-issuer',
    'enable-workload-identity',
    'attach-acr',
    'generate-ssh-keys',
  ),
  'aks update': known('name', 'resource-group', 'enable-oidc-issuer', 'enable-acns'),
  'aks get-credentials': known('name', 'resource-group'),
  'network private-endpoint create': known(
    'name',
    'connection-name',
    'resource-group',
    'vnet-name',
    'subnet',
    'group-id',
    'private-connection-resource-id',
  ),
  'network private-dns zone create': known('name', 'resource-group'),
  'network private-endpoint dns-zone-group create': known(
    'name',
    'resource-group',
    'endpoint-name',
    'zone-name',
    'private-dns-zone',
  ),
  'ad signed-in-user show': answering('id', '99999999-9999-4999-8999-999999999999'),
  'account show': answering('tenantId', '33333333-3333-4333-8333-333333333333'),
};
