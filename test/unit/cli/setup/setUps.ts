import type { Federation, SetUp } from '../../../../src/cli/setup/setUp.ts';

const vault = { name: 'shop-prod', resourceGroup: 'shop' };

const shop = {
  kind: 'userAssigned',
  name: 'shop',
  resourceGroup: 'shop',
  exists: false,
} as const;

const federation: Federation = {
  name: 'shop-shop',
  issuer: { kind: 'aks', name: 'aks', resourceGroup: 'aks' },
  serviceAccount: { namespace: 'shop', name: 'shop' },
};

/** One of each kind of what can be set up. */
export const setUps: Readonly<Record<string, SetUp>> = {
  'service-account': {
    identity: { ...shop, federation },
    vault: { ...vault, grant: { kind: 'role', secrets: [] } },
  },
  'single-secrets': {
    subscription: '7c1a5a0c-7d2e-4bb0-9a43-35c6f3f7d0a1',
    identity: {
      ...shop,
      location: 'westeurope',
      federation: { ...federation, issuer: { kind: 'url', url: 'https://oidc.example.com/a/' } },
    },
    vault: { ...vault, grant: { kind: 'role', secrets: ['db-password', 'api-key'] } },
  },
  'access-policy': {
    identity: { ...shop, exists: true, resourceGroup: 'identities', federation },
    vault: {
      ...vault,
      resourceGroup: 'identities',
      grant: { kind: 'policy', permissions: ['get', 'list'] },
    },
  },
  'system-assigned-vm': {
    identity: {
      kind: 'systemAssigned',
      host: { kind: 'vm', name: 'build', resourceGroup: 'build' },
    },
    vault: { ...vault, grant: { kind: 'role', secrets: [] } },
  },
  'system-assigned-webapp': {
    identity: {
      kind: 'systemAssigned',
      host: { kind: 'webapp', name: 'front', resourceGroup: 'shop' },
    },
    vault: { ...vault, grant: { kind: 'policy', permissions: ['get', 'list'] } },
  },
  nodes: {
    identity: {
      ...shop,
      name: 'nodes',
      host: { kind: 'vmss', name: 'aks-pool-1', resourceGroup: 'MC_shop_aks_westeurope' },
    },
    vault: { ...vault, grant: { kind: 'role', secrets: [] } },
  },
  'function-app': {
    identity: {
      ...shop,
      exists: true,
      host: { kind: 'functionapp', name: 'orders', resourceGroup: 'shop' },
    },
    vault: { ...vault, grant: { kind: 'role', secrets: [] } },
  },
};

/** Microsoft has commands of the Azure CLI for it, and of nothing else. */
export const boundSetUp: SetUp = {
  identity: {
    ...shop,
    binding: {
      name: 'shop',
      cluster: { name: 'aks', resourceGroup: 'aks' },
      serviceAccount: federation.serviceAccount,
    },
  },
  vault: { ...vault, grant: { kind: 'role', secrets: [] } },
};
