import type { CatalogueEntry } from './catalogueEntry.ts';

/** VS25x: tokens that are themselves what the Secret holds. */
export const tokenErrors = {
  RegistryRefused: {
    code: 'VS251',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message:
      'Container registry {server} does not let client {clientId} of tenant {tenantId} log in (status {status}).',
    remedy:
      'Give the identity a role on it; run: az role assignment create --assignee {clientId} --role AcrPull --scope $(az acr show --name {registry} --query id --output tsv)',
  },
  RegistryUnavailable: {
    code: 'VS252',
    retry: 'backoff',
    actor: 'nobody',
    message: 'Container registry {server} did not answer as it should ({cause}).',
    remedy:
      'It is tried again. If it lasts: see that the controller reaches it, and what this says: az acr check-health --name {registry} --yes',
  },
  RegistryNotTrusted: {
    code: 'VS253',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message:
      'What answers as container registry {server} names another service in its challenge. No token was sent.',
    remedy:
      'See what stands between: openssl s_client -connect {server}:443 -servername {server}; the login server is printed by: az acr show --name {registry} --query loginServer --output tsv',
  },
  TokenResourceUnknown: {
    code: 'VS255',
    retry: 'awaitChange',
    actor: 'application team',
    message: 'For {source} no scope is known in cloud {cloud}, which is that of the vault.',
    remedy:
      'Name the scope itself in spec.data[].accessToken.resource, for example https://database.example/.default; a container registry must be of the same cloud.',
  },
  ResourceNotInTenant: {
    code: 'VS254',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'Tenant {tenantId} of client {clientId} does not know the resource of scope {scope}, or has it disabled ({aadsts}).',
    remedy:
      'Correct spec.data[].accessToken.resource; an application of your own must be there first: az ad sp create --id <client id of the application>',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
