import { managedLabel } from '../api/meta.ts';
import { decodeSecret, decodeServiceAccount, decodeVaultSecret } from '../kube/decode.ts';
import { partialMetadata, partialMetadataList, type ApiClient } from '../kube/request.ts';
import { createResourceSource } from '../kube/resourceSource.ts';
import { vaultSecretsPath } from '../kube/vaultSecrets.ts';
import type { InformerMetrics } from '../ports/metrics.ts';
import type { Clock, Log, Random } from '../ports/system.ts';
import { secretIndexes, vaultSecretIndexes } from '../reconcilers/clusterCache.ts';
import {
  onSecret,
  onServiceAccount,
  onVaultSecret,
  type Trigger,
} from '../reconcilers/triggers.ts';
import { createInformer } from '../runtime/informer.ts';

export interface InformerParts {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: InformerMetrics;
}

export type Informers = ReturnType<typeof createInformers>;

const full = { list: 'application/json', watch: 'application/json' };
/** Secrets and ServiceAccounts: values never come near the cache. */
const metadataOnly = { list: partialMetadataList, watch: partialMetadata };

export function createInformers({ api, ...deps }: InformerParts) {
  return {
    vaultSecrets: createInformer({
      ...deps,
      source: createResourceSource(api, {
        resource: 'vaultsecrets',
        path: vaultSecretsPath,
        accept: full,
        decode: decodeVaultSecret,
      }),
      indexes: vaultSecretIndexes,
    }),
    secrets: createInformer({
      ...deps,
      source: createResourceSource(api, {
        resource: 'secrets',
        path: '/api/v1/secrets',
        accept: metadataOnly,
        labelSelector: `${managedLabel}=true`,
        decode: decodeSecret,
      }),
      indexes: secretIndexes,
    }),
    serviceAccounts: createInformer({
      ...deps,
      source: createResourceSource(api, {
        resource: 'serviceaccounts',
        path: '/api/v1/serviceaccounts',
        accept: metadataOnly,
        decode: decodeServiceAccount,
      }),
    }),
  };
}

/** Turns changes of any of them into VaultSecrets to look at. Must be called before they run. */
export function onTriggers(informers: Informers, add: (trigger: Trigger) => void): void {
  const { vaultSecrets, secrets, serviceAccounts } = informers;
  vaultSecrets.onChange((change) => onVaultSecret(change).forEach(add));
  secrets.onChange((change) => onSecret(change, informers).forEach(add));
  serviceAccounts.onChange((change) => onServiceAccount(change, informers).forEach(add));
}
