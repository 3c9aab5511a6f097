import type { CatalogueEntry } from './catalogueEntry.ts';

export const connectionErrors = {
  IdentityMissing: {
    code: 'VS130',
    retry: 'awaitChange',
    actor: 'application team',
    message: 'Nobody is named who could read {connection}.',
    remedy:
      'Set spec.serviceAccountName to a ServiceAccount of namespace {namespace} with the annotation azure.workload.identity/client-id; those that exist: kubectl get serviceaccounts --namespace {namespace}',
  },
  VaultConnectionNotFound: {
    code: 'VS131',
    retry: 'awaitChange',
    actor: 'application team',
    message: 'VaultConnection {connection} does not exist in namespace {namespace}.',
    remedy:
      'Correct spec.vaultConnectionRef; kubectl get vaultconnections --namespace {namespace} lists those that exist.',
  },
  ClusterVaultConnectionNotAvailable: {
    code: 'VS132',
    retry: 'awaitChange',
    actor: 'cluster administrator',
    message:
      'ClusterVaultConnection {connection} does not exist, or does not allow namespace {namespace}.',
    remedy:
      'Correct spec.vaultConnectionRef, or have the administrator add {namespace} to spec.allowedNamespaces.names: kubectl edit clustervaultconnection {connection}',
  },
  ConnectionInvalid: {
    code: 'VS133',
    retry: 'awaitChange',
    actor: 'cluster administrator',
    message: '{kind} {connection} is not valid.',
    remedy:
      'Whoever owns it must correct it: kubectl describe {kind} {connection} --namespace {namespace}',
  },
  ObjectNotLent: {
    code: 'VS134',
    retry: 'awaitChange',
    actor: 'cluster administrator',
    message:
      'ClusterVaultConnection {connection} does not lend object {objectName} to namespace {namespace}.',
    remedy:
      'Use a name that fits its spec.lend.objectPatterns, or read with a ServiceAccount of your own: spec.serviceAccountName. The administrator widens them with: kubectl edit clustervaultconnection {connection}',
  },
  LentIdentityNotConfigured: {
    code: 'VS135',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message:
      'ClusterVaultConnection {connection} lends the identity of the controller, but its pod has none.',
    remedy:
      "Label the controller's pods azure.workload.identity/use=true and annotate its ServiceAccount with azure.workload.identity/client-id; see podLabels and serviceAccount.annotations of the chart.",
  },
  LentReadRefused: {
    code: 'VS136',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message:
      'Reading through ClusterVaultConnection {connection} failed for namespace {namespace} ({originalCode}).',
    remedy:
      'The administrator sees why in the log of the controller and, when it is the identity itself, here: kubectl describe clustervaultconnection {connection}',
  },
  LentReadUnavailable: {
    code: 'VS137',
    retry: 'backoff',
    actor: 'nobody',
    message:
      'Reading through ClusterVaultConnection {connection} does not work for the moment ({originalCode}).',
    remedy:
      'It is tried again. If it lasts, the administrator sees why in the log of the controller and, when it is the identity itself, here: kubectl describe clustervaultconnection {connection}',
  },
  LentTenantMissing: {
    code: 'VS138',
    retry: 'awaitChange',
    actor: 'cluster administrator',
    message:
      'No tenant is known for the identity that ClusterVaultConnection {connection} lends: it has no spec.tenantId and the controller has no default.',
    remedy:
      'Start the controller with --azure-tenant-id, or set spec.tenantId: kubectl edit clustervaultconnection {connection}',
  },
  TokenNotLent: {
    code: 'VS139',
    retry: 'awaitChange',
    actor: 'cluster administrator',
    message: 'ClusterVaultConnection {connection} does not lend {source} to namespace {namespace}.',
    remedy:
      'Obtain it as a ServiceAccount of your own: spec.serviceAccountName. The administrator lends such tokens by spec.lend.allowTokens: kubectl edit clustervaultconnection {connection}',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
