import { expect, test } from 'vitest';
import { errorCatalogue, type ErrorReason } from '../../../src/core/errors/errorCatalogue.ts';
import { KubeApiError } from '../../../src/ports/kube.ts';
import { errorPolicy } from '../../../src/reconcilers/errorPolicy.ts';
import { StaleFenceError } from '../../../src/reconcilers/writeErrors.ts';
import { anError } from '../core/someErrors.ts';

const kubeError = (retryAfterMs?: number) =>
  new KubeApiError({
    status: 429,
    reason: '',
    message: '',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

test.each<readonly [string, unknown, object]>([
  [
    'a service that names a time',
    anError('KeyVaultThrottled', 7_000),
    { action: 'after', delayMs: 7_000 },
  ],
  ['our own pace', anError('KeyVaultForbidden', 4_000), { action: 'after', delayMs: 4_000 }],
  ['a service that asks for no wait', anError('KeyVaultThrottled', 0), { action: 'backoff' }],
  ['a service that names no end', anError('KeyVaultThrottled', Infinity), { action: 'backoff' }],
  ['a service that names no number', anError('KeyVaultThrottled', NaN), { action: 'backoff' }],
  ['a service that names no time', anError('KeyVaultThrottled'), { action: 'backoff' }],
  ['somebody who must change the cluster', anError('ClientIdMissing'), { action: 'awaitChange' }],
  ['an API server that names a time', kubeError(2_000), { action: 'after', delayMs: 2_000 }],
  ['an API server that does not', kubeError(), { action: 'backoff' }],
  ['a stale fence', new StaleFenceError('stale'), { action: 'backoff' }],
  ['a bug', new TypeError('x'), { action: 'backoff' }],
  ['something that is no error', 'x', { action: 'backoff' }],
])('%s decides when to try again', (_, error, expected) => {
  expect(errorPolicy(error)).toMatchObject(expected);
});

test.each(Object.keys(errorCatalogue) as readonly ErrorReason[])(
  '%s waits for a change only where a watch will see one, and is named in the log',
  (reason) => {
    const { action, code } = errorPolicy(anError(reason));

    expect(code).toBe(reason);
    expect(action === 'awaitChange').toBe(errorCatalogue[reason].retry === 'awaitChange');
  },
);
