import { managedLabel } from '../api/meta.ts';
import {
  decodeClusterVaultConnection,
  decodeNamespace,
  decodeVaultConnection,
} from '../kube/decodeConnection.ts';
import { decodeSecret, decodeServiceAccount, decodeVaultSecret } from '../kube/decode.ts';
import { partialMetadata, partialMetadataList, type ApiClient } from '../kube/request.ts';
import { createResourceSource, type ResourceSourceOptions } from '../kube/resourceSource.ts';
import {
  clusterVaultConnectionsPath,
  vaultConnectionsPath,
  vaultSecretsPath,
} from '../kube/vaultSecrets.ts';
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
  onNamespace,
  onSecret,
  onServiceAccount,
  onVaultSecret,
  type Trigger,
} from '../reconcilers/triggers.ts';
import { createInformer } from '../runtime/informer.ts';
import type { Indexes } from '../runtime/store.ts';

export interface InformerParts {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: InformerMetrics;
}

export type Informers = ReturnType<typeof createInformers>;

const full = { list: 'application/json', watch: 'application/json' };
/** Values never come near the cache, and of the others nothing else is needed. */
const metadataOnly = { list: partialMetadataList, watch: partialMetadata };

export function createInformers(parts: InformerParts) {
  return { ...ownInformers(parts), ...clusterInformers(parts) };
}

function informer<T>(
  { api, ...deps }: InformerParts,
  options: ResourceSourceOptions<T>,
  indexes: Indexes<Stored<T>> = {},
) {
  return createInformer({ ...deps, source: createResourceSource(api, options), indexes });
}

function ownInformers(parts: InformerParts) {
  const source = <T>(resource: string, path: string, decode: (raw: unknown) => Stored<T>) => ({
    resource,
    path,
    accept: full,
    decode,
  });
  return {
    vaultSecrets: informer(
      parts,
      source('vaultsecrets', vaultSecretsPath, decodeVaultSecret),
      vaultSecretIndexes,
    ),
    vaultConnections: informer(
      parts,
      source('vaultconnections', vaultConnectionsPath, decodeVaultConnection),
      vaultConnectionIndexes,
    ),
    clusterVaultConnections: informer(
      parts,
      source('clustervaultconnections', clusterVaultConnectionsPath, decodeClusterVaultConnection),
    ),
  };
}

function clusterInformers(parts: InformerParts) {
  const source = <T>(resource: string, decode: (raw: unknown) => Stored<T>) => ({
    resource,
    path: `/api/v1/${resource}`,
    accept: metadataOnly,
    decode,
  });
  return {
    secrets: informer(
      parts,
      { ...source('secrets', decodeSecret), labelSelector: `${managedLabel}=true` },
      secretIndexes,
    ),
    serviceAccounts: informer(parts, source('serviceaccounts', decodeServiceAccount)),
    namespaces: informer(parts, source('namespaces', decodeNamespace)),
  };
}

/** Turns changes of any of them into VaultSecrets to look at. Must be called before they run. */
export function onTriggers(informers: Informers, add: (trigger: Trigger) => void): void {
  informers.vaultSecrets.onChange((change) => onVaultSecret(change, informers).forEach(add));
  informers.secrets.onChange((change) => onSecret(change, informers).forEach(add));
  informers.serviceAccounts.onChange((change) => onServiceAccount(change, informers).forEach(add));
  informers.vaultConnections.onChange((change) => onConnection(change, informers).forEach(add));
  informers.clusterVaultConnections.onChange((change) =>
    onConnection(change, informers).forEach(add),
  );
  informers.namespaces.onChange((change) => onNamespace(change, informers).forEach(add));
}
