import { z } from 'zod';
import { KubeApiError } from '../ports/kube.ts';
import type { ApiClient } from './request.ts';

const discoverySchema = z.object({ issuer: z.string() });

/**
 * Issuer of the tokens of ServiceAccounts; undefined for who may not ask.
 * https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery
 */
export async function issuerOfCluster(api: ApiClient): Promise<string | undefined> {
  try {
    const path = '/.well-known/openid-configuration';
    return discoverySchema.parse(await api.send({ method: 'GET', path })).issuer;
  } catch (thrown) {
    if (thrown instanceof KubeApiError && [403, 404].includes(thrown.status)) return undefined;
    throw thrown;
  }
}
