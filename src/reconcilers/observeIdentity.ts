import type { ServicePrincipalSpec } from '../api/servicePrincipal.ts';
import { hasReadyReason, type HasConditions } from '../core/observed/conditions.ts';
import type { ObservedServiceAccount } from '../core/observed/identity.ts';
import { credentialSecretOf, type ObservedCredential } from '../core/observed/servicePrincipal.ts';
import type { ClusterCache } from '../ports/cache.ts';
import type { CredentialClient } from '../ports/credentials.ts';
import type { ServiceAccountClient } from '../ports/kube.ts';

export interface ObserveIdentityDeps {
  readonly cache: Pick<ClusterCache, 'serviceAccount' | 'credential'>;
  readonly serviceAccounts: ServiceAccountClient;
  readonly credentials: Pick<CredentialClient, 'find'>;
}

/** Whoever names a ServiceAccount or a Secret of its own namespace. */
interface Naming extends HasConditions {
  readonly namespace: string;
}

/**
 * Made in one go with what names it, it may be there before its watch says so. Once the status says that it is missing,
 * the watch is waited for. @throws KubeApiError
 */
export async function observeServiceAccount(
  { cache, serviceAccounts }: ObserveIdentityDeps,
  by: Naming,
  name: string,
): Promise<ObservedServiceAccount | undefined> {
  const at = { namespace: by.namespace, name };
  const cached = cache.serviceAccount(at);
  if (cached !== undefined || hasReadyReason(by, 'ServiceAccountNotFound')) return cached;
  return serviceAccounts.get(at);
}

/** Likewise. @throws KubeApiError */
export async function observeCredential(
  { cache, credentials }: ObserveIdentityDeps,
  by: Naming,
  servicePrincipal: ServicePrincipalSpec,
): Promise<ObservedCredential | undefined> {
  const at = { namespace: by.namespace, name: credentialSecretOf(servicePrincipal) };
  const cached = cache.credential(at);
  if (cached !== undefined || hasReadyReason(by, 'CredentialSecretNotFound')) return cached;
  return credentials.find(at);
}
