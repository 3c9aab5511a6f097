import { targetName } from '../core/target.ts';
import type { ObservedServiceAccount } from '../core/identity.ts';
import type { ObservedSecret, VaultSecret } from '../core/observed.ts';
import type { ClusterCache } from '../ports/cache.ts';
import type { Stored } from '../ports/stored.ts';

/** What the cache needs of an informer. */
interface Cached<T> {
  get(namespace: string, name: string): Stored<T> | undefined;
  byIndex(index: string, value: string): readonly Stored<T>[];
  upsert(object: Stored<T>): void;
}

export interface CachedResources {
  readonly vaultSecrets: Cached<VaultSecret>;
  readonly secrets: Cached<ObservedSecret>;
  readonly serviceAccounts: Cached<ObservedServiceAccount>;
}

/** Indexes that the informer of VaultSecrets must keep. Values are `namespace/name`. */
export const vaultSecretIndexes = {
  serviceAccount: ({ body }: Stored<VaultSecret>): readonly string[] => [
    `${body.namespace}/${body.spec.serviceAccountName}`,
  ],
  target: ({ body }: Stored<VaultSecret>): readonly string[] => [
    `${body.namespace}/${targetName(body)}`,
  ],
};

/** Indexes that the informer of Secrets must keep. */
export const secretIndexes = {
  owner: ({ body }: Stored<ObservedSecret>): readonly string[] =>
    body.owner === undefined ? [] : [body.owner],
};

export function createClusterCache(resources: CachedResources): ClusterCache {
  const { vaultSecrets, secrets, serviceAccounts } = resources;
  return {
    vaultSecret: ({ namespace, name }) => vaultSecrets.get(namespace, name)?.body,
    serviceAccount: ({ namespace, name }) => serviceAccounts.get(namespace, name)?.body,
    secret: ({ namespace, name }) => secrets.get(namespace, name)?.body,
    secretsOf: ({ namespace, name }) =>
      secrets
        .byIndex('owner', `${namespace}/${name}`)
        .filter((secret) => secret.body.namespace === namespace)
        .map(({ body }) => body),
    rememberSecret: (secret) => secrets.upsert(secret),
    rememberVaultSecret: (vaultSecret) => vaultSecrets.upsert(vaultSecret),
  };
}
