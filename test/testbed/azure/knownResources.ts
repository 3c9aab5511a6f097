import type { StandInCloud } from './standInClouds.ts';

const knownResources = new Set([
  'https://managedhsm.azure.net',
  'https://management.azure.com',
  'https://management.core.windows.net',
  'https://graph.microsoft.com',
  'https://storage.azure.com',
  'https://servicebus.azure.net',
  'https://eventhubs.azure.net',
  'https://database.windows.net',
  'https://datalake.azure.net',
  'https://eventgrid.azure.net',
  'https://containerregistry.azure.net',
  'cfa8b339-82a2-471a-a3c9-0fc0be7a4093',
]);

/** Does Entra ID give tokens for this resource? One slash at its end makes no difference. */
export function isKnownResource({ vaultResource }: StandInCloud, resource: string): boolean {
  const named = resource.replace(/\/$/, '');
  return named === vaultResource || knownResources.has(named);
}
