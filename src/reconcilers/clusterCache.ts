import type { VaultConnectionRef } from '../api/vaultSecret.ts';
import type {
  ClusterVaultConnection,
  ObservedNamespace,
  VaultConnection,
} from '../core/observed/connection.ts';
import { createGrants, type Grants } from '../core/access/grants.ts';
import { credentialSecretOf, type ObservedCredential } from '../core/observed/servicePrincipal.ts';
import type { ObservedServiceAccount } from '../core/observed/identity.ts';
import { namespacedName } from '../core/namespacedName.ts';
import type { ObservedSecret, VaultSecret } from '../core/observed/observed.ts';
import { targetName } from '../core/observed/target.ts';
import type { ClusterCache } from '../ports/cache.ts';
import type { Stored } from '../ports/stored.ts';

/** What the cache needs of an informer. */
interface Cached<T> {
  get(namespace: string, name: string): Stored<T> | undefined;
  list(): readonly Stored<T>[];
  byIndex(index: string, value: string): readonly Stored<T>[];
  upsert(object: Stored<T>): void;
  remove(namespace: string, name: string, uid: string): void;
}

export interface CachedResources {
  readonly vaultSecrets: Cached<VaultSecret>;
  readonly secrets: Cached<ObservedSecret>;
  readonly serviceAccounts: Cached<ObservedServiceAccount>;
  readonly credentials: Cached<ObservedCredential>;
  readonly vaultConnections: Cached<VaultConnection>;
  readonly clusterVaultConnections: Watched<ClusterVaultConnection>;
  readonly namespaces: Watched<ObservedNamespace>;
}

interface Watched<T> extends Cached<T> {
  onChange(handler: () => void): void;
}

/** Indexes that the informer of VaultSecrets must keep. Values are `namespace/name`. */
export const vaultSecretIndexes = {
  serviceAccount: ({ body }: Stored<VaultSecret>): readonly string[] =>
    body.spec.serviceAccountName === undefined
      ? []
      : [`${body.namespace}/${body.spec.serviceAccountName}`],
  connection: ({ body }: Stored<VaultSecret>): readonly string[] =>
    body.spec.vaultConnectionRef === undefined
      ? []
      : [connectionKey(body.namespace, body.spec.vaultConnectionRef)],
  /** Only of those whose grant depends on their namespace; the value is its name. */
  grantedNamespace: ({ body }: Stored<VaultSecret>): readonly string[] =>
    body.spec.vaultConnectionRef?.kind === 'ClusterVaultConnection' ? [body.namespace] : [],
  target: ({ body }: Stored<VaultSecret>): readonly string[] => [
    `${body.namespace}/${targetName(body)}`,
  ],
};

/** Indexes that the informer of VaultConnections must keep. Values are `namespace/name`. */
export const vaultConnectionIndexes = {
  serviceAccount: ({ body }: Stored<VaultConnection>): readonly string[] =>
    body.spec.serviceAccountName === undefined
      ? []
      : [`${body.namespace}/${body.spec.serviceAccountName}`],
  credential: ({ body }: Stored<VaultConnection>): readonly string[] =>
    body.spec.servicePrincipal === undefined
      ? []
      : [`${body.namespace}/${credentialSecretOf(body.spec.servicePrincipal)}`],
};

/** Value of the index `connection`. */
export function connectionKey(namespace: string, { kind, name }: VaultConnectionRef): string {
  return kind === 'VaultConnection' ? `${namespace}/${name}` : `/${name}`;
}

/** The VaultSecrets that a Secret names, by `namespace/name`: of the whole, and of parts of it. */
export function ownersOf({ owner, marks }: ObservedSecret): readonly string[] {
  const merging = marks.map((mark) => mark.owner);
  return owner === undefined ? merging : [owner, ...merging];
}

/** Indexes that the informer of Secrets must keep. */
export const secretIndexes = {
  owner: ({ body }: Stored<ObservedSecret>): readonly string[] => ownersOf(body),
};

export function createClusterCache(resources: CachedResources): ClusterCache {
  const { vaultSecrets, secrets, serviceAccounts } = resources;
  const { vaultConnections, clusterVaultConnections } = resources;
  const clusterVaultConnection = (name: string): ClusterVaultConnection | undefined =>
    clusterVaultConnections.get('', name)?.body;
  const granted = createGranted(resources);
  const vaultConnection: ClusterCache['vaultConnection'] = ({ namespace, name }) =>
    vaultConnections.get(namespace, name)?.body;
  return {
    vaultConnection,
    clusterVaultConnection,
    connection(namespace, { kind, name }) {
      if (kind === 'VaultConnection') return vaultConnection({ namespace, name });
      const connection = clusterVaultConnection(name);
      return connection && granted(connection);
    },
    granted,
    rememberVaultConnection: (connection) => vaultConnections.upsert(connection),
    rememberClusterVaultConnection: (connection) => clusterVaultConnections.upsert(connection),
    vaultSecret: ({ namespace, name }) => vaultSecrets.get(namespace, name)?.body,
    serviceAccount: ({ namespace, name }) => serviceAccounts.get(namespace, name)?.body,
    credential: ({ namespace, name }) => resources.credentials.get(namespace, name)?.body,
    secret: ({ namespace, name }) => secrets.get(namespace, name)?.body,
    secretsOf: (owner) =>
      secrets
        .byIndex('owner', namespacedName(owner))
        .filter((secret) => secret.body.namespace === owner.namespace)
        .map(({ body }) => body),
    wanting: (target) =>
      vaultSecrets.byIndex('target', namespacedName(target)).map(({ body }) => body),
    rememberSecret: (secret) => secrets.upsert(secret),
    rememberVaultSecret: (vaultSecret) => vaultSecrets.upsert(vaultSecret),
    forgetVaultSecret: ({ namespace, name, uid }) => vaultSecrets.remove(namespace, name, uid),
  };
}

/** Worked out once for each state of the connections and namespaces. */
function createGranted({
  clusterVaultConnections,
  namespaces,
}: Pick<CachedResources, 'clusterVaultConnections' | 'namespaces'>): ClusterCache['granted'] {
  let current: Grants | undefined;
  const forget = (): void => void (current = undefined);
  clusterVaultConnections.onChange(forget);
  namespaces.onChange(forget);
  const allConnections = () => clusterVaultConnections.list().map(({ body }) => body);
  const allNamespaces = () => namespaces.list().map(({ body }) => body);
  return (connection, given) => {
    if (
      given === undefined &&
      clusterVaultConnections.get('', connection.name)?.body === connection
    ) {
      current ??= createGrants({ connections: allConnections(), namespaces: allNamespaces() });
      return current(connection);
    }
    const others = allConnections().filter(({ name }) => name !== connection.name);
    const known = allNamespaces();
    return createGrants({
      connections: [...others, connection],
      namespaces:
        given === undefined ? known : [...known.filter(({ name }) => name !== given.name), given],
    })(connection);
  };
}
