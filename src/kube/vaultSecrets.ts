import { group, version } from '../api/meta.ts';
import type { ClusterVaultConnectionClient } from '../ports/connections.ts';
import type { VaultSecretClient } from '../ports/secrets.ts';
import type { ApiClient } from './request.ts';
import { replaceStatus } from './statusPatch.ts';

const root = `/apis/${group}/${version}`;

export const vaultSecretsPath = `${root}/vaultsecrets`;
export const vaultConnectionsPath = `${root}/vaultconnections`;
export const clusterVaultConnectionsPath = `${root}/clustervaultconnections`;

export function createVaultSecretClient(api: ApiClient): VaultSecretClient {
  return {
    replaceStatus: (vaultSecret, status) => {
      const path = `${root}/namespaces/${vaultSecret.namespace}/vaultsecrets`;
      return replaceStatus(api, path, vaultSecret, status);
    },
  };
}

export function createClusterVaultConnectionClient(api: ApiClient): ClusterVaultConnectionClient {
  return {
    replaceStatus: (connection, status) =>
      replaceStatus(api, clusterVaultConnectionsPath, connection, status),
  };
}
