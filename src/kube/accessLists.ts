import type { NamedServiceAccount } from '../core/observed/identity.ts';
import type {
  ClusterVaultConnection,
  GrantedConnection,
  VaultConnection,
} from '../core/observed/connection.ts';
import { createGrants } from '../core/access/grants.ts';
import type { VaultSecret } from '../core/observed/observed.ts';
import type { Stored } from '../ports/stored.ts';
import { listCollection, type Collection, type Listed, type MissingList } from './collections.ts';
import { decodeServiceAccount, decodeVaultSecret } from './decode.ts';
import {
  decodeClusterVaultConnection,
  decodeNamespace,
  decodeVaultConnection,
} from './decodeConnection.ts';
import type { ApiClient } from './request.ts';
import { inNamespace } from './resourceSource.ts';
import {
  clusterVaultConnectionsPath,
  vaultConnectionsPath,
  vaultSecretsPath,
} from './vaultSecrets.ts';

/** All that decides who reads what, as far as the caller may see it. */
export interface AccessLists {
  readonly vaultSecrets: readonly VaultSecret[] | undefined;
  readonly vaultConnections: readonly VaultConnection[] | undefined;
  readonly clusterVaultConnections: readonly GrantedConnection[] | undefined;
  readonly serviceAccounts: readonly NamedServiceAccount[] | undefined;
  /** Whether the namespaces could be listed, where they decide anything. */
  readonly areOwnersSeen: boolean;
  readonly missing: readonly MissingList[];
}

/** Of one namespace, or of all; what belongs to the cluster in either case. @throws KubeApiError */
export async function listForAccess(
  api: ApiClient,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<AccessLists> {
  const list = <T>(collection: Collection<T>) => listCollection(api, collection, signal);
  const { serviceAccounts: accounts, ...own } = collectionsIn(namespace);
  const [vaultSecrets, vaultConnections, clusterConnections, serviceAccounts] = await Promise.all([
    list(own.vaultSecrets),
    list(own.vaultConnections),
    list(clusterVaultConnectionCollection),
    list(accounts),
  ]);
  const namespaces = isByNamespaces(clusterConnections)
    ? await list(namespaceCollection)
    : { items: [] };
  const grantOf = createGrants({
    namespaces: bodies(namespaces) ?? [],
    connections: bodies(clusterConnections) ?? [],
  });
  return {
    vaultSecrets: bodies(vaultSecrets),
    vaultConnections: bodies(vaultConnections),
    clusterVaultConnections: bodies(clusterConnections)?.map(grantOf),
    serviceAccounts: serviceAccounts.items?.map(named),
    areOwnersSeen: namespaces.items !== undefined,
    missing: [
      vaultSecrets,
      vaultConnections,
      clusterConnections,
      serviceAccounts,
      namespaces,
    ].flatMap((listed) => listed.missing ?? []),
  };
}

function collectionsIn(namespace: string | undefined) {
  return {
    vaultSecrets: {
      resource: 'vaultsecrets',
      path: inNamespace(vaultSecretsPath, namespace),
      namespace,
      decode: decodeVaultSecret,
    },
    vaultConnections: {
      resource: 'vaultconnections',
      path: inNamespace(vaultConnectionsPath, namespace),
      namespace,
      decode: decodeVaultConnection,
    },
    serviceAccounts: {
      resource: 'serviceaccounts',
      path: inNamespace('/api/v1/serviceaccounts', namespace),
      namespace,
      metadataOnly: true,
      decode: decodeServiceAccount,
    },
  };
}

const clusterVaultConnectionCollection = {
  resource: 'clustervaultconnections',
  path: clusterVaultConnectionsPath,
  namespace: undefined,
  decode: decodeClusterVaultConnection,
};

const namespaceCollection = {
  resource: 'namespaces',
  path: '/api/v1/namespaces',
  namespace: undefined,
  metadataOnly: true,
  decode: decodeNamespace,
};

/** Labels decide who may use a connection, and the namespaces that exist decide who owns an object that is lent. */
function isByNamespaces({ items }: Listed<ClusterVaultConnection>): boolean {
  const isBy = ({ lend, allowedNamespaces }: ClusterVaultConnection['spec']): boolean =>
    lend !== undefined || allowedNamespaces.selector !== undefined;
  return items?.some(({ body }) => isBy(body.spec)) === true;
}

function bodies<T>({ items }: Listed<T>): readonly T[] | undefined {
  return items?.map(({ body }) => body);
}

function named({
  metadata: { namespace, name },
  body,
}: Stored<Omit<NamedServiceAccount, 'namespace' | 'name'>>): NamedServiceAccount {
  return { namespace, name, ...body };
}
