import type { Flags } from '../../options/flags.ts';

const flag = (value: string, help: string) => ({ type: 'string', value, help }) as const;
const sameGroup = 'Default: --resource-group.';

export const setupFlags = {
  as: flag('FORMAT', 'az, powershell, arm, bicep or portal. Default: az.'),
  file: {
    type: 'string',
    short: 'f',
    value: 'FILE',
    help: 'Manifest of a VaultSecret, and of its connection if it names one, instead of --vault, --service-account and --namespace; they go before it.',
  },
  namespace: {
    type: 'string',
    short: 'n',
    value: 'NAME',
    help: 'Namespace of the ServiceAccount. Default with VAULTSECRET: the one of the current context.',
  },
  'service-account': flag('NAME', 'ServiceAccount that gets the identity.'),
  vault: flag('NAME|URL', 'Key Vault that it reads. By its URL its cloud is known as well.'),
  cloud: flag(
    'NAME',
    'Cloud of the vault: AzurePublic, AzureChina or AzureUSGovernment. Default: that of its URL, else of --azure-authority-host, else AzurePublic.',
  ),
  'vault-resource-group': flag('NAME', `Resource group of the vault. ${sameGroup}`),
  access: flag('KIND', 'role (Azure RBAC) or policy (an access policy: get, list). Default: role.'),
  secret: {
    type: 'string',
    multiple: true,
    value: 'NAME',
    help: 'Gives the role on this secret alone, not on the vault. May be repeated.',
  },
  'each-secret': {
    type: 'boolean',
    help: 'Gives it on each secret that the VaultSecret names.',
  },
  'resource-group': flag('NAME', 'Resource group of the identity.'),
  'identity-name': flag(
    'NAME',
    'User-assigned identity to make. Default: the name of the ServiceAccount.',
  ),
  'existing-identity': { type: 'boolean', help: 'The identity is there already, and is not made.' },
  location: flag('REGION', 'Region of the identity. Default: that of its resource group.'),
  issuer: flag(
    'URL',
    'Issuer of the tokens of the cluster. Default with VAULTSECRET: what the cluster says.',
  ),
  aks: flag('NAME', 'The AKS cluster whose issuer it is, instead of --issuer.'),
  'aks-resource-group': flag('NAME', `Resource group of that cluster. ${sameGroup}`),
  'identity-binding': {
    type: 'boolean',
    help: 'Binds the identity to the cluster of --aks, instead of a federated credential. Default with VAULTSECRET: as its controller works.',
  },
  'system-assigned': {
    type: 'boolean',
    help: "The host's own identity, instead of a user-assigned one.",
  },
  host: flag('KIND', 'vm, vmss, functionapp or webapp: what else gets the identity.'),
  'host-name': flag('NAME', 'Name of that host.'),
  'host-resource-group': flag('NAME', `Resource group of that host. ${sameGroup}`),
  subscription: flag('UUID', 'Subscription of all of it. Default: the one that is selected.'),
} as const satisfies Flags;
