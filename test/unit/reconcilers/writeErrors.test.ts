import { describe, expect, test } from 'vitest';
import type { ErrorReason } from '../../../src/core/errors/errorCatalogue.ts';
import { explain, ReconcileError } from '../../../src/core/errors/errors.ts';
import type { VaultSecret } from '../../../src/core/observed/observed.ts';
import type { RefusedBy } from '../../../src/core/errors/refusedBy.ts';
import { KubeApiError, type StatusCause } from '../../../src/ports/kube.ts';
import {
  createError,
  isFieldConflict,
  secretWriteError,
  StaleFenceError,
} from '../../../src/reconcilers/writeErrors.ts';
import { aVaultSecret } from '../core/builders.ts';

const at = { namespace: 'shop', secret: 'db' };
const cause = (reason: string, field: string): StatusCause => ({ reason, field, message: '' });

function refused(status: number, ...causes: readonly StatusCause[]): KubeApiError {
  return new KubeApiError({ status, reason: '', message: 'p4ssw0rd', causes, retryAfterMs: 5_000 });
}

test('a Secret of others that they made immutable is not ours to remove', () => {
  const thrown = refused(422, cause('FieldValueForbidden', 'data'));
  const error = secretWriteError(thrown, { ...at, isMerged: true });

  expect(error).toMatchObject({ reason: 'MergeTargetImmutable' });
  expect(error instanceof ReconcileError && explain(error)).not.toMatch(/delete|undefined/);
});

// Causes as kube-apiserver 1.36.3 answers them.
test.each<readonly [string, KubeApiError, string]>([
  ['a refusal has no known cause', refused(403), 'RequestForbidden'],
  [
    'the Secret is immutable',
    refused(422, cause('FieldValueForbidden', 'data')),
    'SecretImmutable',
  ],
  ['the type differs', refused(422, cause('FieldValueInvalid', 'type')), 'SecretRefused'],
  ['the request is not understood', refused(400), 'SecretRefused'],
  ['the namespace is gone', refused(404), 'ApiServerUnavailable'],
  ['there are too many requests', refused(429), 'ApiServerUnavailable'],
  ['the API server fails', refused(500), 'ApiServerUnavailable'],
  ['no answer comes', refused(0), 'ApiServerUnavailable'],
])('when %s, the write is explained by %s', (_, thrown, reason) => {
  const error = secretWriteError(thrown, at);

  expect(error).toMatchObject({ reason, retryAfterMs: 5_000, cause: thrown });
  expect(error instanceof ReconcileError && explain(error)).not.toMatch(/p4ssw0rd|undefined|\(\)/);
});

describe('who in the cluster refused is named', () => {
  const by = (status: number, refusedBy: RefusedBy) =>
    new KubeApiError({ status, reason: '', message: 'p4ssw0rd', refusedBy });
  const user = 'system:serviceaccount:vaultsecret-system:vaultsecret';

  test.each<readonly [KubeApiError, ErrorReason, string]>([
    [
      by(403, { kind: 'rights', user, verb: 'delete' }),
      'SecretWriteForbidden',
      `kubectl auth can-i delete secrets --namespace shop --as ${user}`,
    ],
    [
      by(403, { kind: 'rights', user: undefined, verb: 'patch' }),
      'SecretWriteForbidden',
      'kubectl auth can-i patch secrets --namespace shop --as system:serviceaccount:<namespace of the controller>:<its ServiceAccount>',
    ],
    [
      by(403, { kind: 'quota', name: 'few' }),
      'QuotaExceeded',
      'kubectl describe resourcequota few --namespace shop',
    ],
    [
      by(422, { kind: 'policy', name: 'no' }),
      'PolicyRefused',
      'kubectl describe validatingadmissionpolicy no',
    ],
    [
      by(403, { kind: 'mutatingPolicy', name: 'team-label' }),
      'PolicyRefused',
      'MutatingAdmissionPolicy team-label of the cluster refused Secret db. To see what it demands: kubectl describe mutatingadmissionpolicy team-label',
    ],
    [
      by(403, { kind: 'terminatingNamespace' }),
      'NamespaceTerminating',
      'Namespace shop is being deleted, so Secret db cannot be made',
    ],
    [by(400, { kind: 'webhook', name: 'no' }), 'WebhookRefused', 'webhook no of the cluster'],
    [by(409, { kind: 'webhook', name: 'no' }), 'WebhookRefused', 'refused Secret db'],
    [by(500, { kind: 'brokenWebhook', name: 'no' }), 'WebhookUnavailable', 'must allow Secret db'],
  ])('%j', (thrown, reason, words) => {
    const error = secretWriteError(thrown, at);

    expect(error).toMatchObject({ reason, cause: thrown });
    expect(error instanceof ReconcileError && explain(error)).toContain(words);
  });
});

test('a status alone proves no missing right', () => {
  for (const status of [400, 401, 403, 404, 422, 500]) {
    const error = secretWriteError(refused(status), at);

    expect(error instanceof ReconcileError && explain(error)).not.toMatch(/the right|can-i/);
  }
});

test.each<readonly [KubeApiError, string]>([
  [refused(422, cause('FieldValueTooLong', 'data')), 'data has more than 1048576 bytes'],
  [
    refused(422, cause('FieldValueTooLong', 'metadata.annotations')),
    'metadata.annotations has more than 262144 bytes',
  ],
  [refused(413), 'the request has more than 3145728 bytes'],
])('what is too large is named: %j', (thrown, words) => {
  const error = secretWriteError(thrown, at);

  expect(error).toMatchObject({ reason: 'SecretTooLarge' });
  expect(error.message).toContain(words);
});

test('a refusal names the field', () => {
  const named = secretWriteError(refused(422, cause('FieldValueInvalid', 'type')), at);
  const unnamed = secretWriteError(refused(422, cause('FieldValueInvalid', '')), at);

  expect(named.message).toContain('field type');
  expect(unnamed.message).toContain('field unknown');
});

describe('a conflict', () => {
  const stale = refused(409);
  const contested = refused(409, cause('FieldManagerConflict', '.data.A'));

  test('without causes is a stale fence', () => {
    expect(isFieldConflict(stale)).toBe(false);
    expect(secretWriteError(stale, at)).toBeInstanceOf(StaleFenceError);
  });

  test('with causes is about fields of others', () => {
    expect(isFieldConflict(contested)).toBe(true);
    expect(isFieldConflict(refused(422, cause('FieldValueInvalid', 'type')))).toBe(false);
    expect(isFieldConflict(new Error('409'))).toBe(false);
  });
});

test('what is not from the API server stays what it is', () => {
  const bug = new TypeError('x');

  expect(secretWriteError(bug, at)).toBe(bug);
  expect(secretWriteError('x', at)).toMatchObject({ cause: 'x' });
});

describe('a create that failed', () => {
  const written = aVaultSecret({ status: { secretName: 'shop' } });

  test('of a Secret that was there says that it is gone, and why', () => {
    const error = createError(refused(403), written);

    expect(error).toMatchObject({ reason: 'SecretMissing', retryAfterMs: 5_000 });
    expect(error instanceof ReconcileError && explain(error)).toMatch(
      /^VS416: Secret shop is gone,.* VS606: .* It is tried again every few seconds[.]$/,
    );
  });

  test('without an answer says no more than that, and is soon tried again', () => {
    const error = createError(new KubeApiError({ status: 0, reason: '', message: '' }), written);

    expect(error).toMatchObject({ reason: 'ApiServerUnavailable', retryAfterMs: 5_000 });
  });

  test.each<readonly [string, VaultSecret, KubeApiError, object]>([
    ['a first Secret', aVaultSecret(), refused(403), { reason: 'RequestForbidden' }],
    [
      'a Secret under another name',
      aVaultSecret({ status: { secretName: 'old' } }),
      refused(403),
      { reason: 'RequestForbidden' },
    ],
    [
      'one in a namespace that goes',
      written,
      new KubeApiError({
        status: 403,
        reason: '',
        message: '',
        refusedBy: { kind: 'terminatingNamespace' },
      }),
      { reason: 'NamespaceTerminating' },
    ],
    ['one that somebody made meanwhile', written, refused(409), { name: 'StaleFenceError' }],
  ])('of %s says nothing of a loss', (_, vaultSecret, thrown, expected) => {
    expect(createError(thrown, vaultSecret)).toMatchObject(expected);
  });
});
