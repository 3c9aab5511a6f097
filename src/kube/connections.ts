import type { ClusterVaultConnection, VaultConnection } from '../core/observed/connection.ts';
import type { ConnectionClient, ConnectionReader } from '../ports/connections.ts';
import {
  decodeClusterVaultConnection,
  decodeNamespace,
  decodeVaultConnection,
} from './decodeConnection.ts';
import { replaceStatus } from './objectPatch.ts';
import { ifFound, partialMetadata, type ApiClient } from './request.ts';
import {
  clusterVaultConnectionsPath,
  namespacedPath,
  vaultConnectionsPath,
} from './vaultSecrets.ts';

export function createConnectionReader(api: ApiClient): ConnectionReader {
  return {
    vaultConnection: async ({ namespace, name }) =>
      ifFound(async () => {
        const path = `${namespacedPath(vaultConnectionsPath, namespace)}/${name}`;
        return decodeVaultConnection(await api.send({ method: 'GET', path })).body;
      }),
    clusterVaultConnection: async (name) =>
      ifFound(async () => {
        const path = `${clusterVaultConnectionsPath}/${name}`;
        return decodeClusterVaultConnection(await api.send({ method: 'GET', path })).body;
      }),
    namespace: async (name) =>
      ifFound(async () => {
        const request = { path: `/api/v1/namespaces/${name}`, accept: partialMetadata };
        return decodeNamespace(await api.send({ method: 'GET', ...request })).body;
      }),
  };
}

/** With the rights of namespaces alone, what belongs to the cluster cannot be asked for. */
export function inNamespacesOnly(reader: ConnectionReader): ConnectionReader {
  return { ...reader, clusterVaultConnection: async () => undefined };
}

export function createVaultConnectionClient(api: ApiClient): ConnectionClient<VaultConnection> {
  return {
    replaceStatus: (connection, status) => {
      const path = namespacedPath(vaultConnectionsPath, connection.namespace);
      return replaceStatus(api, { path, decode: decodeVaultConnection }, connection, status);
    },
  };
}

export function createClusterVaultConnectionClient(
  api: ApiClient,
): ConnectionClient<ClusterVaultConnection> {
  const collection = { path: clusterVaultConnectionsPath, decode: decodeClusterVaultConnection };
  return {
    replaceStatus: (connection, status) => replaceStatus(api, collection, connection, status),
  };
}
