import { credentialLabel, managedLabel } from '../api/meta.ts';
import { decodeCredential } from '../kube/credentials.ts';
import {
  decodeClusterVaultConnection,
  decodeNamespace,
  decodeVaultConnection,
} from '../kube/decodeConnection.ts';
import { decodeSecret, decodeServiceAccount, decodeVaultSecret } from '../kube/decode.ts';
import { partialMetadata, partialMetadataList, type ApiClient } from '../kube/request.ts';
import { createResourceSource, inNamespace } from '../kube/resourceSource.ts';
import {
  clusterVaultConnectionsPath,
  vaultConnectionsPath,
  vaultSecretsPath,
} from '../kube/vaultSecrets.ts';
import type { ResourceSource } from '../ports/kube.ts';
import type { InformerMetrics } from '../ports/metrics.ts';
import type { Stored } from '../ports/stored.ts';
import type { Clock, Log, Random } from '../ports/system.ts';
import {
  secretIndexes,
  vaultConnectionIndexes,
  vaultSecretIndexes,
} from '../reconcilers/clusterCache.ts';
import { onClusterConnection, onNamespace } from '../reconcilers/grantTriggers.ts';
import {
  onConnection,
  onCredential,
  onSecret,
  onServiceAccount,
  onVaultSecret,
  type Trigger,
} from '../reconcilers/triggers.ts';
import { createInformer, type Informer } from '../runtime/informer.ts';
import { createInformerUnion, withSummedObjects } from '../runtime/informerUnion.ts';
import type { Indexes } from '../runtime/store.ts';

export interface InformerParts {
  readonly sources: Sources;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: InformerMetrics;
}

type Sources = ReturnType<typeof createSources>;
export type Informers = ReturnType<typeof createInformers>;

const full = { list: 'application/json', watch: 'application/json' };
/** Values never come near the cache, and of the others nothing else is needed. */
const metadataOnly = { list: partialMetadataList, watch: partialMetadata };

const collections = {
  vaultSecrets: { resource: 'vaultsecrets', path: vaultSecretsPath, accept: full },
  vaultConnections: { resource: 'vaultconnections', path: vaultConnectionsPath, accept: full },
  clusterVaultConnections: {
    resource: 'clustervaultconnections',
    path: clusterVaultConnectionsPath,
    accept: full,
  },
  secrets: {
    resource: 'secrets',
    path: '/api/v1/secrets',
    labelSelector: `${managedLabel}=true`,
  },
  credentials: {
    resource: 'credentials',
    path: '/api/v1/secrets',
    labelSelector: `${credentialLabel}=true`,
  },
  serviceAccounts: { resource: 'serviceaccounts', path: '/api/v1/serviceaccounts' },
  namespaces: { resource: 'namespaces', path: '/api/v1/namespaces' },
};

/**
 * All that is read of the cluster, and how much of it: one source a namespace, or one for all.
 * What belongs to the cluster itself cannot be read with the rights of namespaces.
 */
export function createSources(api: ApiClient, namespaces: readonly string[]) {
  const everywhere = [undefined];
  const here = namespaces.length === 0 ? everywhere : namespaces;
  const above = namespaces.length === 0 ? everywhere : [];
  const read = <T>(decode: (raw: unknown) => Stored<T>, collection: CollectionOptions) => {
    const { path, scopes = here, ...options } = collection;
    return scopes.map((namespace) =>
      createResourceSource(api, {
        accept: metadataOnly,
        ...options,
        namespace,
        path: inNamespace(path, namespace),
        decode,
      }),
    );
  };
  return {
    vaultSecrets: read(decodeVaultSecret, collections.vaultSecrets),
    vaultConnections: read(decodeVaultConnection, collections.vaultConnections),
    clusterVaultConnections: read(decodeClusterVaultConnection, {
      ...collections.clusterVaultConnections,
      scopes: above,
    }),
    secrets: read(decodeSecret, collections.secrets),
    credentials: read(decodeCredential, collections.credentials),
    serviceAccounts: read(decodeServiceAccount, collections.serviceAccounts),
    namespaces: read(decodeNamespace, { ...collections.namespaces, scopes: above }),
  };
}

interface CollectionOptions {
  readonly resource: string;
  /** In all namespaces. */
  readonly path: string;
  readonly labelSelector?: string;
  readonly accept?: typeof full;
  readonly scopes?: readonly (string | undefined)[];
}

export function createInformers({ sources, metrics, ...deps }: InformerParts) {
  const informer = <T>(
    parts: readonly ResourceSource<Stored<T>>[],
    indexes: Indexes<Stored<T>> = {},
  ): Informer<Stored<T>> => {
    const [only] = parts;
    if (only !== undefined && only.namespace === undefined)
      return createInformer({ ...deps, metrics, source: only, indexes });
    const share = withSummedObjects(metrics);
    const named = parts.map((source) => ({
      namespace: source.namespace ?? '',
      informer: createInformer({ ...deps, metrics: share(), source, indexes }),
    }));
    return createInformerUnion(only?.resource ?? '', named);
  };
  return {
    vaultSecrets: informer(sources.vaultSecrets, vaultSecretIndexes),
    vaultConnections: informer(sources.vaultConnections, vaultConnectionIndexes),
    clusterVaultConnections: informer(sources.clusterVaultConnections),
    secrets: informer(sources.secrets, secretIndexes),
    credentials: informer(sources.credentials),
    serviceAccounts: informer(sources.serviceAccounts),
    namespaces: informer(sources.namespaces),
  };
}

/** Turns changes of any of them into VaultSecrets to look at. Must be called before they run. */
export function onTriggers(informers: Informers, add: (trigger: Trigger) => void): void {
  informers.vaultSecrets.onChange((change) => onVaultSecret(change, informers).forEach(add));
  informers.secrets.onChange((change) => onSecret(change, informers).forEach(add));
  informers.credentials.onChange((change) => onCredential(change, informers).forEach(add));
  informers.serviceAccounts.onChange((change) => onServiceAccount(change, informers).forEach(add));
  informers.vaultConnections.onChange((change) => onConnection(change, informers).forEach(add));
  informers.clusterVaultConnections.onChange((change) =>
    onClusterConnection(change, informers).forEach(add),
  );
  informers.namespaces.onChange((change) => onNamespace(change, informers).forEach(add));
}
