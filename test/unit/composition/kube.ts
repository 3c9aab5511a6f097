import { azureClouds } from '../../../src/api/cloud.ts';
import type { ClusterCache } from '../../../src/ports/cache.ts';
import type { SecretClient, VaultSecretClient } from '../../../src/ports/secrets.ts';
import { noConnections } from '../reconcilers/noConnections.ts';
import type { Tenant } from './tenant.ts';

/** The API server and the informers, by namespace. */
export function kubeOf(tenantOf: (namespace: string) => Tenant) {
  const cache: ClusterCache = {
    vaultSecret: ({ namespace, name }) => tenantOf(namespace).vaultSecrets.get(name),
    connection: () => undefined,
    granted: () => {
      throw new TypeError('no connections here');
    },
    vaultConnection: () => undefined,
    clusterVaultConnection: () => undefined,
    serviceAccount: ({ namespace }) => tenantOf(namespace).serviceAccount,
    credential: () => undefined,
    secret: ({ namespace, name }) => tenantOf(namespace).secret(name),
    secretsOf: (owner) => tenantOf(owner.namespace).secretsOf(owner),
    wanting: ({ namespace, name }) => tenantOf(namespace).wanting(name),
    rememberSecret: () => undefined,
    rememberVaultConnection: () => undefined,
    rememberClusterVaultConnection: () => undefined,
    rememberVaultSecret: () => undefined,
    forgetVaultSecret: () => undefined,
  };
  return {
    cache,
    secrets: secretClient(tenantOf),
    vaultSecrets: vaultSecretClient(tenantOf),
    serviceAccounts: {
      get: async ({ namespace }: { readonly namespace: string }) =>
        tenantOf(namespace).serviceAccount,
    },
    connections: noConnections,
    credentials: { find: async () => undefined },
    controllerName: 'platform/vaultsecret',
    metrics: {
      driftRepaired: () => undefined,
      secretWritten: () => undefined,
      statusWritten: () => undefined,
      foreignStatusSeen: () => undefined,
      verified: () => undefined,
    },
    defaultTenantId: undefined,
    homeCloud: azureClouds.AzurePublic,
    controllerIdentity: undefined,
    lentReads: { report: () => undefined, forget: () => undefined },
    certificateExpiries: { of: () => undefined },
    publish: () => undefined,
  };
}

function vaultSecretClient(tenantOf: (namespace: string) => Tenant): VaultSecretClient {
  const of = (namespace: string) => tenantOf(namespace).client();
  return {
    get: async (name) => of(name.namespace).get(name),
    replaceStatus: async (one, status) => of(one.namespace).replaceStatus(one, status),
    replaceFinalizers: async (one, finalizers) =>
      of(one.namespace).replaceFinalizers(one, finalizers),
  };
}

function secretClient(tenantOf: (namespace: string) => Tenant): SecretClient {
  const of = ({ namespace }: { readonly namespace: string }) => tenantOf(namespace).server.client;
  const writing = async ({ namespace }: { readonly namespace: string }) => {
    await tenantOf(namespace).written();
    return tenantOf(namespace).server.client;
  };
  return {
    get: async (secret) => of(secret).get(secret),
    hasType: async (secret, demand) => of(secret).hasType(secret, demand),
    compare: async (desired) => of(desired).compare(desired),
    tryCreate: async (desired, manager) => of(desired).tryCreate(desired, manager),
    apply: async (desired, options) => (await writing(desired)).apply(desired, options),
    replaceData: async (secret, ...rest) => (await writing(secret)).replaceData(secret, ...rest),
    takeOver: async (secret, ...rest) => (await writing(secret)).takeOver(secret, ...rest),
    prune: async (secret, ...rest) => (await writing(secret)).prune(secret, ...rest),
    delete: async (secret, fence) => (await writing(secret)).delete(secret, fence),
    withdraw: async (secret, ...rest) => (await writing(secret)).withdraw(secret, ...rest),
    disown: async (secret, manager) => (await writing(secret)).disown(secret, manager),
    release: async (secret, ...rest) => (await writing(secret)).release(secret, ...rest),
  };
}
