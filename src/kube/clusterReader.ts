import type { VaultConnectionRef } from '../api/vaultSecret.ts';
import type { ObservedConnection } from '../core/observed/connection.ts';
import { createGrants } from '../core/access/grants.ts';
import type { ObservedServiceAccount } from '../core/observed/identity.ts';
import type { ObservedCredential } from '../core/observed/servicePrincipal.ts';
import type { VaultSecret } from '../core/observed/observed.ts';
import type { ConnectionReader } from '../ports/connections.ts';
import type { ObjectName } from '../ports/kube.ts';
import { createCredentialClient } from './credentials.ts';
import { decodeServiceAccount, decodeVaultSecret } from './decode.ts';
import { createConnectionReader } from './connections.ts';
import { ifFound, type ApiClient } from './request.ts';
import { createResourceSource } from './resourceSource.ts';
import { namespacedPath, vaultSecretsPath } from './vaultSecrets.ts';

/** One object at a time, as it stands there now and with the rights of the caller. @throws KubeApiError */
export interface ClusterReader {
  vaultSecret(name: ObjectName): Promise<VaultSecret | undefined>;
  /** Of one namespace, or of all. */
  vaultSecrets(namespace: string | undefined, signal: AbortSignal): Promise<readonly VaultSecret[]>;
  serviceAccount(name: ObjectName): Promise<ObservedServiceAccount | undefined>;
  /** A Secret without its values; undefined also where its owner has not said that it is a credential. */
  credential(name: ObjectName): Promise<ObservedCredential | undefined>;
  /** With the grant worked out for this namespace alone: who else claims an object is not looked at. */
  connection(namespace: string, ref: VaultConnectionRef): Promise<ObservedConnection | undefined>;
}

const pageSize = 500;

export function createClusterReader(api: ApiClient): ClusterReader {
  const get: Get = async (path, decode) =>
    ifFound(async () => decode(await api.send({ method: 'GET', path })).body);
  const connections = createConnectionReader(api);
  const credentials = createCredentialClient(api);
  return {
    vaultSecret: ({ namespace, name }) =>
      get(`${namespacedPath(vaultSecretsPath, namespace)}/${name}`, decodeVaultSecret),
    vaultSecrets: (namespace, signal) => listVaultSecrets(api, namespace, signal),
    serviceAccount: ({ namespace, name }) =>
      get(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}`, decodeServiceAccount),
    credential: async (name) => credentials.find(name),
    connection: (namespace, { kind, name }) =>
      kind === 'VaultConnection'
        ? connections.vaultConnection({ namespace, name })
        : findGranted(connections, namespace, name),
  };
}

type Get = <T>(
  path: string,
  decode: (raw: unknown) => { readonly body: T },
) => Promise<T | undefined>;

async function findGranted(
  connections: ConnectionReader,
  namespace: string,
  name: string,
): Promise<ObservedConnection | undefined> {
  const found = await connections.clusterVaultConnection(name);
  if (found === undefined) return undefined;
  const isByLabel = found.spec.allowedNamespaces.selector !== undefined;
  const own = isByLabel ? await connections.namespace(namespace) : undefined;
  return createGrants({ connections: [found], namespaces: own === undefined ? [] : [own] })(found);
}

async function listVaultSecrets(
  api: ApiClient,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<readonly VaultSecret[]> {
  const source = createResourceSource(api, {
    resource: 'vaultsecrets',
    path: namespace === undefined ? vaultSecretsPath : namespacedPath(vaultSecretsPath, namespace),
    accept: { list: 'application/json', watch: 'application/json' },
    decode: decodeVaultSecret,
  });
  const found: VaultSecret[] = [];
  let at = {};
  for (;;) {
    const { items, continueToken } = await source.list({ limit: pageSize, signal, ...at });
    found.push(...items.map(({ body }) => body));
    if (continueToken === undefined) return found;
    at = { continueToken };
  }
}
