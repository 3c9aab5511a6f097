import { group, version } from '../api/meta.ts';
import type { VaultSecretClient } from '../ports/secrets.ts';
import { decodeVaultSecret } from './decode.ts';
import { ifFound, type ApiClient } from './request.ts';
import { patchObject, replaceStatus } from './objectPatch.ts';

const root = `/apis/${group}/${version}`;

export const vaultSecretsPath = `${root}/vaultsecrets`;
export const vaultConnectionsPath = `${root}/vaultconnections`;
export const clusterVaultConnectionsPath = `${root}/clustervaultconnections`;

/** The collection within one namespace. */
export function namespacedPath(collection: string, namespace: string): string {
  return collection.replace(`${root}/`, `${root}/namespaces/${namespace}/`);
}

export function createVaultSecretClient(api: ApiClient): VaultSecretClient {
  const pathOf = (namespace: string): string => namespacedPath(vaultSecretsPath, namespace);
  return {
    get: async ({ namespace, name }) =>
      ifFound(async () => {
        const path = `${pathOf(namespace)}/${name}`;
        return decodeVaultSecret(await api.send({ method: 'GET', path })).body;
      }),
    replaceStatus(vaultSecret, status) {
      const collection = { path: pathOf(vaultSecret.namespace), decode: decodeVaultSecret };
      return replaceStatus(api, collection, vaultSecret, status);
    },
    replaceFinalizers(vaultSecret, finalizers) {
      const { namespace, name, finalizers: before } = vaultSecret;
      const path = '/metadata/finalizers';
      const operations = [
        // None is null: seen on kube-apiserver 1.36.3.
        { op: 'test', path, value: before.length === 0 ? null : before },
        { op: 'add', path, value: finalizers },
      ] as const;
      const after = { ...vaultSecret, finalizers };
      return patchObject(api, `${pathOf(namespace)}/${name}`, operations, after);
    },
  };
}
