import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApiClient, type ApiClient } from '../../../src/kube/request.ts';
import { createVaultSecretClient } from '../../../src/kube/vaultSecrets.ts';
import type { VaultSecret } from '../../../src/core/observed/observed.ts';
import { json, startFakeApiServer, type FakeApiServer } from './fakeApiServer.ts';

let server: FakeApiServer;
let api: ApiClient;

beforeEach(async () => {
  server = await startFakeApiServer();
  api = createApiClient(server.config());
});

afterEach(async () => {
  await server.close();
});

const aVaultSecret: VaultSecret = {
  namespace: 'shop',
  name: 'a',
  uid: 'u1',
  generation: 3,
  createdAt: 0,
  terminating: false,
  finalizers: [],
  spec: { vaultUrl: 'https://a.vault.azure.net', serviceAccountName: 'sa', data: [] },
  status: {},
};

describe('the status of a VaultSecret', () => {
  test('is replaced as a whole, on exactly this uid, if it is as we know it', async () => {
    server.answer = json(200, { metadata: { resourceVersion: '9', generation: 3 } });
    const stored = await createVaultSecretClient(api).replaceStatus(aVaultSecret, {
      secretName: 's',
    });
    expect(stored?.metadata).toEqual({
      namespace: 'shop',
      name: 'a',
      uid: 'u1',
      resourceVersion: '9',
    });
    expect(stored?.body).toEqual({ ...aVaultSecret, status: { secretName: 's' } });
    expect(server.requests[0]).toMatchObject({
      method: 'PATCH',
      path: '/apis/vaultsecret.dev/v1alpha1/namespaces/shop/vaultsecrets/a/status',
      headers: { 'content-type': 'application/json-patch+json' },
      body: [
        { op: 'test', path: '/metadata/uid', value: 'u1' },
        { op: 'test', path: '/status', value: {} },
        { op: 'add', path: '/status', value: { secretName: 's' } },
      ],
    });
  });

  /** Answers the first write with 422, and the question for the object with this; a write that follows passes. */
  function refusing(live: { readonly uid: string; readonly status: object } | undefined): void {
    const metadata = {
      namespace: 'shop',
      name: 'a',
      uid: live?.uid,
      resourceVersion: '8',
      generation: 3,
      creationTimestamp: '2026-11-25T07:00:00Z',
    };
    server.answer = (request, response) => {
      const isFirst = server.requests.length === 1;
      const found = { metadata, spec: aVaultSecret.spec, status: live?.status };
      if (isFirst) return json(422, { reason: 'Invalid' })(request, response);
      if (live === undefined) return json(404, { reason: 'NotFound' })(request, response);
      return json(200, found)(request, response);
    };
  }
  const written = () => server.requests.map(({ method }) => method);

  test('is replaced where we keep less of it than stands there, fenced by what was just read', async () => {
    refusing({ uid: 'u1', status: { unknown: 'x' } });
    await createVaultSecretClient(api).replaceStatus(aVaultSecret, { secretName: 's' });

    expect(written()).toEqual(['PATCH', 'GET', 'PATCH']);
    expect(server.requests[2]).toMatchObject({
      body: [
        { op: 'test', path: '/metadata/uid', value: 'u1' },
        { op: 'test', path: '/metadata/resourceVersion', value: '8' },
        { op: 'add', path: '/status', value: { secretName: 's' } },
      ],
    });
  });

  test.each([
    ['others wrote it meanwhile', { uid: 'u1', status: { secretName: 'other' } }, 422],
    ['its VaultSecret was made again', { uid: 'u2', status: {} }, 404],
    ['its VaultSecret is gone', undefined, 404],
  ])('is not replaced when %s', async (_, live, status) => {
    refusing(live);
    const replacing = createVaultSecretClient(api).replaceStatus(aVaultSecret, {});

    await expect(replacing).rejects.toMatchObject({ status });
    expect(written()).toEqual(['PATCH', 'GET']);
  });

  test('that a schema refuses is not asked about', async () => {
    server.answer = json(422, { details: { causes: [{ reason: 'x', field: 'status' }] } });
    const replacing = createVaultSecretClient(api).replaceStatus(aVaultSecret, {});

    await expect(replacing).rejects.toMatchObject({ status: 422 });
    expect(written()).toEqual(['PATCH']);
  });

  const refresh = { annotations: { 'vaultsecret.dev/refresh': '1' } };

  test.each<readonly [string, object]>([
    ['the spec was edited', { ...refresh, generation: 4 }],
    ['a refresh was asked for', { annotations: { 'vaultsecret.dev/refresh': '2' } }],
    ['a refresh was taken back', {}],
    ['a finalizer was added', { ...refresh, finalizers: ['a/b'] }],
  ])('is not taken for the whole truth when %s meanwhile', async (_, fields) => {
    server.answer = json(200, { metadata: { resourceVersion: '9', generation: 3, ...fields } });
    const refreshed = { ...aVaultSecret, refresh: '1' };

    expect(await createVaultSecretClient(api).replaceStatus(refreshed, {})).toBeUndefined();
  });
});

describe('the finalizers of a VaultSecret', () => {
  const ours = 'vaultsecret.dev/merged-keys';

  test.each<readonly [string, readonly string[], readonly string[], unknown]>([
    ['where there are none', [], [ours], null],
    ['beside others', ['a/b'], ['a/b', ours], ['a/b']],
    ['to be taken off', ['a/b', ours], ['a/b'], ['a/b', ours]],
  ])('are replaced %s, if they still are as we know them', async (_, before, after, test) => {
    const metadata = { resourceVersion: '9', generation: 3, finalizers: after };
    server.answer = json(200, { metadata });
    const known = { ...aVaultSecret, finalizers: before };
    const stored = await createVaultSecretClient(api).replaceFinalizers(known, after);

    expect(stored?.body).toEqual({ ...aVaultSecret, finalizers: after });
    expect(server.requests[0]).toMatchObject({
      method: 'PATCH',
      path: '/apis/vaultsecret.dev/v1alpha1/namespaces/shop/vaultsecrets/a',
      headers: { 'content-type': 'application/json-patch+json' },
      body: [
        { op: 'test', path: '/metadata/uid', value: 'u1' },
        { op: 'test', path: '/metadata/finalizers', value: test },
        { op: 'add', path: '/metadata/finalizers', value: after },
      ],
    });
  });
});
