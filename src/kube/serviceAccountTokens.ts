import { CoreV1Api } from '@kubernetes/client-node';
import { redact } from '../core/redacted.ts';
import { KubeApiError } from '../ports/kube.ts';
import type { ServiceAccountTokenClient } from '../ports/secrets.ts';
import { toKubeApiError } from './apiException.ts';
import type { PooledKubeConfig } from './config.ts';

export function createServiceAccountTokenClient(
  config: PooledKubeConfig,
): ServiceAccountTokenClient {
  const core = config.makeApiClient(CoreV1Api);
  return {
    async request({ namespace, name, uid, audience, expirationSeconds }) {
      const body = { metadata: { uid }, spec: { audiences: [audience], expirationSeconds } };
      const { status } = await toKubeApiError(
        core.createNamespacedServiceAccountToken({ namespace, name, body }),
      );
      if (status?.token === undefined || status.expirationTimestamp === undefined) {
        throw new KubeApiError({
          status: 0,
          reason: '',
          message: 'the TokenRequest came back without a token',
        });
      }
      return { token: redact(status.token), expiresAt: status.expirationTimestamp.getTime() };
    },
  };
}
