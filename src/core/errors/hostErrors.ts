import type { CatalogueEntry } from './catalogueEntry.ts';

/** VS16x: who a process is without Kubernetes, by the host that it runs on. Met by commands only. */
export const hostErrors = {
  HostIdentityUnreachable: {
    code: 'VS161',
    retry: 'backoff',
    actor: 'Azure administrator',
    message: 'Nothing on this host gives tokens of a managed identity ({cause}).',
    remedy:
      'Give the host one: vaultsecret setup --help says how for a virtual machine, a scale set, a Function App and a web app. A pod gets its own by the label azure.workload.identity/use=true.',
  },
  HostIdentityNotAssigned: {
    code: 'VS162',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message: 'This host does not have {identity} (status {status}).',
    remedy:
      'See which it has: az vm identity show --name <host> --resource-group <group> (or az vmss, az functionapp, az webapp); name one of them with --identity-client-id, or assign it.',
  },
  HostIdentityRefused: {
    code: 'VS163',
    retry: 'backoff',
    actor: 'nobody',
    message: 'What gives tokens on this host answered with status {status}.',
    remedy:
      'Try again in a moment. If it lasts, something else may answer in its place, such as a proxy.',
  },
  HostTokenFileUnreadable: {
    code: 'VS164',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message: 'The token that AZURE_FEDERATED_TOKEN_FILE names cannot be read ({cause}).',
    remedy:
      'See that the workload identity webhook has seen this pod: it needs the label azure.workload.identity/use=true.',
  },
  HostIdentityOther: {
    code: 'VS166',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'This host gave a token of client {clientId}, not of the identity that was asked for, {identity}. It was sent nowhere.',
    remedy:
      'Name the identity by --identity-client-id. In a pod with workload identity an object or resource id names nothing: vaultsecret token says whom it has.',
  },
  HostTenantMissing: {
    code: 'VS165',
    retry: 'awaitChange',
    actor: 'application team',
    message: 'This pod has a token file, but nothing says of which tenant its identity is.',
    remedy: 'Name it: AZURE_TENANT_ID or --azure-tenant-id.',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
