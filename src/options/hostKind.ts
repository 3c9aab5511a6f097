/** What gives tokens on this host. */
export type HostKind =
  | 'workloadIdentity'
  | 'serviceFabric'
  | 'appService'
  | 'machineLearning'
  | 'cloudShell'
  | 'azureArc'
  | 'instanceMetadata';

/**
 * The variables by which @azure/msal-node 7 (ManagedIdentityClient.ts) tells them apart, in its order; before them
 * those of the workload identity webhook. A host that sets none has the metadata service of a virtual machine, if any.
 */
const marks: readonly (readonly [HostKind, readonly string[]])[] = [
  ['workloadIdentity', ['AZURE_FEDERATED_TOKEN_FILE', 'AZURE_CLIENT_ID']],
  ['serviceFabric', ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER', 'IDENTITY_SERVER_THUMBPRINT']],
  ['appService', ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER']],
  ['machineLearning', ['MSI_ENDPOINT', 'MSI_SECRET']],
  ['cloudShell', ['MSI_ENDPOINT']],
  ['azureArc', ['IDENTITY_ENDPOINT', 'IMDS_ENDPOINT']],
];

/** Told from the environment alone, before anything is asked. */
export function readHostKind(): HostKind {
  const isSet = (name: string): boolean => (process.env[name] ?? '') !== '';
  return marks.find(([, names]) => names.every(isSet))?.[0] ?? 'instanceMetadata';
}
