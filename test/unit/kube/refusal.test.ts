import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wholeMarks } from '../../../src/core/secret/marks.ts';
import { redact } from '../../../src/core/redacted.ts';
import { createCredentialClient } from '../../../src/kube/credentials.ts';
import { isQuotable, refusal } from '../../../src/kube/refusal.ts';
import { createApiClient } from '../../../src/kube/request.ts';
import { createSecretClient } from '../../../src/kube/secrets.ts';
import { watch } from '../../../src/kube/watch.ts';
import { json, startFakeApiServer, type FakeApiServer } from './fakeApiServer.ts';

const canary = 'hunter2-canary';
const at = { namespace: 'shop', name: 'db' };
const fieldManager = 'vaultsecret.dev/vs';
const fence = { kind: 'exactly', uid: 'u1', resourceVersion: '8' } as const;

/** An answer that puts the value wherever a Status has text. */
const quoting = {
  kind: 'Status',
  reason: canary,
  message: `Secret "db" is invalid: data[A]: Invalid value: "${canary}"`,
  details: {
    name: canary,
    causes: [
      { reason: 'FieldValueInvalid', message: `Invalid value: "${canary}"`, field: 'data[A]' },
      { reason: canary, message: canary, field: canary },
    ],
  },
};

const desired = {
  ...at,
  type: 'Opaque',
  labels: {},
  annotations: {},
  data: { A: redact(canary) },
};

describe('a refusal quotes nothing that was sent, when the controller', () => {
  let server: FakeApiServer;
  beforeEach(async () => {
    server = await startFakeApiServer(json(422, quoting));
  });
  afterEach(async () => {
    await server.close();
  });
  const api = () => createApiClient(server.config());
  const secrets = () => createSecretClient(api());
  const { signal } = new AbortController();

  test.each<readonly [string, () => Promise<unknown>]>([
    ['applies a Secret', () => secrets().apply(desired, { fieldManager, fence, force: false })],
    ['tries to create a Secret', () => secrets().tryCreate(desired, fieldManager)],
    ['reads a Secret', () => secrets().get(at)],
    ['asks for the type of a Secret', () => secrets().hasType(at, { is: 'Opaque' })],
    [
      'takes keys out of a Secret',
      () => secrets().withdraw(at, fence, { uid: 'u', dataKeys: ['A'] }),
    ],
    ['deletes a Secret', () => secrets().delete(at, fence)],
    ['releases a Secret', () => secrets().release(at, fence, wholeMarks('vs'))],
    ['reads a credential', () => createCredentialClient(api()).read(at, ['A'])],
    ['lists Secrets', () => api().send({ method: 'GET', path: '/api/v1/secrets' })],
    [
      'watches Secrets',
      () => watch(api(), { path: '/api/v1/secrets', signal }, () => undefined).next(),
    ],
  ])('%s', async (_, request) => {
    const thrown = await request().catch((error: unknown) => error);

    expect(thrown).toMatchObject({ status: 422, message: 'status 422' });
    expect(inspect(thrown, { depth: null, showHidden: true })).not.toContain(canary);
  });

  test('watches Secrets and the stream ends in an error', async () => {
    server.answer = (_request, response) =>
      response.end(`${JSON.stringify({ type: 'ERROR', object: { ...quoting, code: 500 } })}\n`);
    const thrown = await watch(api(), { path: '/api/v1/secrets', signal }, () => undefined)
      .next()
      .catch((error: unknown) => error);

    expect(thrown).toMatchObject({ status: 500, message: 'status 500' });
    expect(inspect(thrown, { depth: null, showHidden: true })).not.toContain(canary);
  });
});

const answer = { statusCode: 422, headers: {} };

test('a refusal of a Secret keeps the words of the API server itself', () => {
  const causes = [
    { reason: 'FieldValueTooLong', message: canary, field: 'data' },
    { reason: 'FieldManagerConflict', message: canary, field: '.data.A' },
    { reason: 'FieldValueInvalid', message: canary, field: 'metadata.annotations[a/b]' },
  ];
  const text = JSON.stringify({ reason: 'Invalid', message: canary, details: { causes } });

  const error = refusal(answer, text, '/api/v1/namespaces/shop/secrets');

  expect(error.reason).toBe('Invalid');
  expect(error.causes).toEqual(causes.map((cause) => ({ ...cause, message: '' })));
});

test.each([
  ['/api/v1/secrets', false],
  ['/api/v1/namespaces/shop/secrets', false],
  ['/api/v1/namespaces/shop/secrets/db', false],
  ['/api/v1/namespaces/shop/secrets/db/status', false],
  ['/api/v1/watch/secrets', false],
  ['/apis/vaultsecret.dev/v1alpha1/namespaces/shop/vaultsecrets/db', true],
  ['/api/v1/namespaces/shop/serviceaccounts/app', true],
  ['/apis/coordination.k8s.io/v1/namespaces/shop/leases/secrets-sync', true],
])('text about %s may be quoted: %s', (path, expected) => {
  expect(isQuotable(path)).toBe(expected);
});
