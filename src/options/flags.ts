export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  /** One letter. */
  readonly short?: string;
  /** How the value is called in the help. */
  readonly value?: string;
  readonly help: string;
}

export type Flags = Readonly<Record<string, Flag>>;

/** The table of flags in docs/reference.md is generated from here. */
export const flags = {
  kubeconfig: {
    type: 'string',
    value: 'FILE',
    help: 'Kubeconfig to use outside a pod. Default: $KUBECONFIG, which may list several, as for kubectl.',
  },
  'leader-elect': { type: 'boolean', help: 'Take turns with other replicas by a Lease.' },
  'lease-namespace': {
    type: 'string',
    value: 'NAME',
    help: 'Namespace of that Lease. Default: vaultsecret-system.',
  },
  'lease-name': {
    type: 'string',
    value: 'NAME',
    help: 'Its name, by which statuses tell who wrote them. Default: vaultsecret.',
  },
  'watch-namespace': {
    type: 'string',
    multiple: true,
    value: 'NAME',
    help: 'Works in this namespace only, with rights in it alone; without ClusterVaultConnections. May be repeated. Default: all.',
  },
  listen: {
    type: 'string',
    value: '[HOST]:PORT',
    help: 'Serves /metrics, /healthz and /readyz. Default: :8080.',
  },
  'metrics-cert-dir': {
    type: 'string',
    value: 'DIR',
    help: 'Serves /metrics over HTTPS, with tls.crt and tls.key of this directory, to callers whose bearer token the API server knows and lets get the nonResourceURL /metrics; no longer on --listen. Files that are replaced are taken up within 10 s.',
  },
  'metrics-listen': {
    type: 'string',
    value: '[HOST]:PORT',
    help: 'Where it does so. Default: :8443.',
  },
  'azure-tenant-id': {
    type: 'string',
    value: 'UUID',
    help: 'Tenant of ServiceAccounts without the annotation azure.workload.identity/tenant-id. Default: $AZURE_TENANT_ID.',
  },
  cloud: {
    type: 'string',
    value: 'NAME',
    help: 'The cloud of the controller: AzurePublic, AzureChina or AzureUSGovernment. Default: the one of --azure-authority-host, else AzurePublic. A vault is read in the cloud to which it belongs by its name.',
  },
  'azure-authority-host': {
    type: 'string',
    value: 'URL',
    help: 'Microsoft Entra ID of that cloud. Default: $AZURE_AUTHORITY_HOST, else the usual one of the cloud.',
  },
  'identity-bindings': {
    type: 'boolean',
    help: 'Asks the proxy of AKS identity bindings for tokens of ServiceAccounts, which $AZURE_KUBERNETES_TOKEN_PROXY, $AZURE_KUBERNETES_SNI_NAME and one of $AZURE_KUBERNETES_CA_FILE and $AZURE_KUBERNETES_CA_DATA (PEM) name. The chart sets it, and what else it takes, with azure.identityBindings.',
  },
  resolve: {
    type: 'string',
    multiple: true,
    value: 'HOST=ADDRESS:PORT',
    help: 'Connects elsewhere for this host, like curl --connect-to; *. stands for one label. May be repeated.',
  },
  'ca-file': {
    type: 'string',
    multiple: true,
    value: 'FILE',
    help: 'PEM certificate authorities to trust for Azure besides the usual. May be repeated.',
  },
  'log-level': {
    type: 'string',
    value: 'LEVEL',
    help: 'trace, debug, info, warn, error or fatal. Default: info.',
  },
  'max-concurrent-reconciles': {
    type: 'string',
    value: 'COUNT',
    help: 'How many VaultSecrets are worked on at once. Default: 32.',
  },
} as const satisfies Flags;

/** What every command takes, with the same meaning; each says which of them it heeds. */
export const connectionFlags = {
  kubeconfig: {
    ...flags.kubeconfig,
    help: 'Kubeconfig to use. Default: $KUBECONFIG, which may list several, else ~/.kube/config, else that of the pod.',
  },
  context: {
    type: 'string',
    value: 'NAME',
    help: 'Context of the kubeconfig. Default: its current one.',
  },
  cloud: {
    ...flags.cloud,
    help: 'The cloud of the identity: AzurePublic, AzureChina or AzureUSGovernment. Default: the one of --azure-authority-host, else AzurePublic. A vault is read in the cloud to which it belongs by its name.',
  },
  'azure-tenant-id': flags['azure-tenant-id'],
  'azure-authority-host': flags['azure-authority-host'],
  resolve: flags.resolve,
  'ca-file': flags['ca-file'],
} as const satisfies Flags;

export type ConnectionFlag = keyof typeof connectionFlags;
