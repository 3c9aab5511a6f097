import { getEventListeners, once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createApiClient, type ApiRequest } from '../../../src/kube/request.ts';
import { KubeApiError } from '../../../src/ports/kube.ts';
import { json, startFakeApiServer, type FakeApiServer } from './fakeApiServer.ts';

let server: FakeApiServer;

beforeEach(async () => {
  server = await startFakeApiServer();
});

afterEach(async () => {
  await server.close();
});

const get: ApiRequest = { method: 'GET', path: '/apis/vaultsecret.dev/v1alpha1/vaultsecrets' };

async function refusalOf(request: ApiRequest, timeoutMs = 30_000): Promise<KubeApiError> {
  const api = createApiClient(server.config(), { timeoutMs });
  const thrown = await api.send(request).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(KubeApiError);
  return thrown as KubeApiError;
}

describe('a request to the API server', () => {
  test('goes out on a connection that is already there', async () => {
    const api = createApiClient(server.config({ token: 'abc' }));
    for (let round = 0; round < 50; round += 1) await api.send(get);
    expect(server.requests).toHaveLength(50);
    // undici opens a second one when an answer ends before its connection is free again.
    expect(server.connections()).toBeLessThanOrEqual(2);
    expect(server.requests[49]?.headers.authorization).toBe('Bearer abc');
  });

  test('carries method, query, body and media types, and leaves out what is undefined', async () => {
    await createApiClient(server.config()).send({
      method: 'PATCH',
      path: '/api/v1/namespaces/shop/secrets/shop',
      query: { force: false, fieldManager: 'a/b', limit: undefined },
      body: { kind: 'Secret' },
      contentType: 'application/apply-patch+yaml',
      accept: 'application/json;as=X',
    });
    expect(server.requests[0]).toMatchObject({
      method: 'PATCH',
      path: '/api/v1/namespaces/shop/secrets/shop',
      query: { force: 'false', fieldManager: 'a/b' },
      body: { kind: 'Secret' },
      headers: {
        'content-type': 'application/apply-patch+yaml',
        accept: 'application/json;as=X',
        'user-agent': 'vaultsecret',
      },
    });
  });

  test('is counted by status, or as <error> without an answer', async () => {
    const counted: string[] = [];
    const metrics = { requested: (...labels: string[]) => counted.push(labels.join(' ')) };
    const config = server.config();
    const api = createApiClient(config, { metrics });
    await api.send(get);
    server.answer = json(404, {});
    await expect(api.send({ ...get, method: 'PATCH' })).rejects.toMatchObject({ status: 404 });
    server.answer = (_request, response) => response.destroy();
    await expect(api.send(get)).rejects.toMatchObject({ status: 0 });

    const { host } = new URL(config.serverUrl());
    expect(counted).toEqual([`GET 200 ${host}`, `PATCH 404 ${host}`, `GET <error> ${host}`]);
  });

  test('reaches an API server that stands behind a path', async () => {
    const config = server.config({}, { server: `${server.url}/k8s/clusters/c1/` });
    await createApiClient(config).send(get);
    expect(server.requests[0]?.path).toBe(`/k8s/clusters/c1${get.path}`);
  });

  test('is refused as the Status object says', async () => {
    const conflict = {
      kind: 'Status',
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict',
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict', field: '.data' }],
      },
      code: 409,
    };
    server.answer = json(409, conflict);
    expect(await refusalOf(get)).toMatchObject({
      status: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict',
      causes: [{ reason: 'FieldManagerConflict', message: 'conflict', field: '.data' }],
      retryAfterMs: undefined,
    });
  });

  test.each([401, 403, 404, 410, 422, 500, 503])(
    'is refused with %i also when no Status object comes with it',
    async (status) => {
      server.answer = (_request, response) => response.writeHead(status).end('<html>');
      expect(await refusalOf(get)).toMatchObject({
        status,
        reason: '',
        message: `status ${status}`,
        causes: [],
      });
    },
  );

  test.each([
    ['header', json(429, {}, { 'retry-after': '7' }), 7_000],
    ['Status object', json(429, { details: { retryAfterSeconds: 3 } }), 3_000],
    ['header, though not for a day', json(503, {}, { 'retry-after': '86400' }), 300_000],
    [
      'Status object, within the same limit',
      json(429, { details: { retryAfterSeconds: 1e9 } }),
      300_000,
    ],
    [
      'header, though not by half a date',
      json(429, {}, { 'retry-after': 'Wed, 25 Nov' }),
      undefined,
    ],
    [
      'date of the header, by the clock of the answer',
      json(
        503,
        {},
        { 'retry-after': 'Wed, 25 Nov 2026 12:00:30 GMT', date: 'Wed, 25 Nov 2026 12:00:00 GMT' },
      ),
      30_000,
    ],
    ['answer, or is not', json(429, {}), undefined],
  ])('is told when to come again by the %s', async (_where, answer, retryAfterMs) => {
    server.answer = answer;
    expect(await refusalOf(get)).toMatchObject({ retryAfterMs });
  });

  test('quotes nothing of a refused Secret, whose values its text may hold', async () => {
    const causes = [{ reason: 'FieldValueInvalid', message: 'Invalid: "hunter2"', field: 'data' }];
    server.answer = json(422, { reason: 'Invalid', message: 'bad "hunter2"', details: { causes } });
    const error = await refusalOf({ method: 'PATCH', path: '/api/v1/namespaces/a/secrets/b' });
    expect(error).toMatchObject({ status: 422, reason: 'Invalid', message: 'status 422' });
    expect(error.causes).toEqual([{ reason: 'FieldValueInvalid', message: '', field: 'data' }]);
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('hunter2');
  });

  test('quotes nothing of an answer that is no JSON', async () => {
    server.answer = (_request, response) => response.end('hunter2');
    const error = await refusalOf(get);
    expect(error).toMatchObject({ status: 0 });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('hunter2');
  });

  test('ends when no answer comes in time', async () => {
    server.answer = () => undefined;
    const error = await refusalOf(get, 20);
    expect(error).toMatchObject({ status: 0, message: expect.stringContaining('UND_ERR_HEADERS') });
  });

  test('ends when an answer stops half-way', async () => {
    server.answer = (_request, response) => void response.writeHead(200).write('{"a":');
    const error = await refusalOf(get, 20);
    expect(error).toMatchObject({ status: 0, message: expect.stringContaining('UND_ERR_BODY') });
  });

  test('ends when the connection breaks', async () => {
    server.answer = (_request, response) => response.destroy();
    expect(await refusalOf(get)).toMatchObject({ status: 0 });
  });

  test('ends with the reason of its signal, on which it leaves nothing behind', async () => {
    const api = createApiClient(server.config());
    const stop = new AbortController();
    await api.send({ ...get, signal: stop.signal });
    await vi.waitFor(() => expect(getEventListeners(stop.signal, 'abort')).toEqual([]));
    const reason = new Error('the lease is lost');
    server.answer = () => stop.abort(reason);
    await expect(api.send({ ...get, signal: stop.signal })).rejects.toBe(reason);
  });

  test('ends with it even before there is a connection', async () => {
    const reason = new Error('SIGTERM');
    const stop = new AbortController();
    const silent = createServer(() => stop.abort(reason)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const api = createApiClient(server.config({}, { server: `https://127.0.0.1:${port}` }));

    await expect(api.send({ ...get, signal: stop.signal })).rejects.toBe(reason);

    silent.close();
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });
});
