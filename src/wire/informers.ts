import { credentialLabel, managedLabel } from '../api/meta.ts';
import { decodeCredential } from '../kube/credentials.ts';
import {
  decodeClusterVaultConnection,
  decodeNamespace,
  decodeVaultConnection,
} from '../kube/decodeConnection.ts';
import { decodeSecret, decodeServiceAccount, decodeVaultSecret } from '../kube/decode.ts';
import { partialMetadata, partialMetadataList, type ApiClient } from '../kube/request.ts';
import { createResourceSource } from '../kube/resourceSource.ts';
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
import {
  onConnection,
  onCredential,
  onNamespace,
  onSecret,
  onServiceAccount,
  onVaultSecret,
  type Trigger,
} from '../reconcilers/triggers.ts';
import { createInformer } from '../runtime/informer.ts';
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

/** All that is read of the cluster, and how much of it. */
export function createSources(api: ApiClient) {
  const own = <T>(resource: string, path: string, decode: (raw: unknown) => Stored<T>) =>
    createResourceSource(api, { resource, path, accept: full, decode });
  const core = <T>(resource: string, decode: (raw: unknown) => Stored<T>, labelSelector?: string) =>
    createResourceSource(api, {
      resource,
      path: `/api/v1/${resource}`,
      accept: metadataOnly,
      decode,
      ...(labelSelector === undefined ? {} : { labelSelector }),
    });
  return {
    vaultSecrets: own('vaultsecrets', vaultSecretsPath, decodeVaultSecret),
    vaultConnections: own('vaultconnections', vaultConnectionsPath, decodeVaultConnection),
    clusterVaultConnections: own(
      'clustervaultconnections',
      clusterVaultConnectionsPath,
      decodeClusterVaultConnection,
    ),
    secrets: core('secrets', decodeSecret, `${managedLabel}=true`),
    credentials: createResourceSource(api, {
      resource: 'credentials',
      path: '/api/v1/secrets',
      accept: metadataOnly,
      labelSelector: `${credentialLabel}=true`,
      decode: decodeCredential,
    }),
    serviceAccounts: core('serviceaccounts', decodeServiceAccount),
    namespaces: core('namespaces', decodeNamespace),
  };
}

export function createInformers({ sources, ...deps }: InformerParts) {
  const informer = <T>(source: ResourceSource<Stored<T>>, indexes: Indexes<Stored<T>> = {}) =>
    createInformer({ ...deps, source, indexes });
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
    onConnection(change, informers).forEach(add),
  );
  informers.namespaces.onChange((change) => onNamespace(change, informers).forEach(add));
}
