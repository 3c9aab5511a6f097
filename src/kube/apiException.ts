import { ApiException } from '@kubernetes/client-node';
import { KubeApiError } from '../ports/kube.ts';

/** client-node's typed clients throw their own error, whose text holds the whole answer. */
export async function toKubeApiError<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    if (!(cause instanceof ApiException))
      throw new KubeApiError({
        status: 0,
        reason: '',
        message: 'no answer from the API server',
        cause,
      });
    const retryAfter = Number(cause.headers['retry-after']);
    throw new KubeApiError({
      status: cause.code,
      reason: '',
      message: `status ${cause.code}`,
      ...(Number.isFinite(retryAfter) && retryAfter > 0 ? { retryAfterMs: retryAfter * 1000 } : {}),
    });
  }
}
