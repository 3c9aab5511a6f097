import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEventClient } from '../../../src/kube/events.ts';
import { createLeaseClient } from '../../../src/kube/lease.ts';
import { createApiClient, type ApiClient } from '../../../src/kube/request.ts';
import { createServiceAccountTokenClient } from '../../../src/kube/serviceAccountTokens.ts';
import { reveal } from '../../../src/core/redacted.ts';
import { json, startFakeApiServer, type FakeApiServer } from './fakeApiServer.ts';

let server: FakeApiServer;
let api: ApiClient;
const { signal } = new AbortController();

beforeEach(async () => {
  server = await startFakeApiServer();
  api = createApiClient(server.config());
});

afterEach(async () => {
  await server.close();
});

describe('the lease client', () => {
  const path = '/apis/coordination.k8s.io/v1/namespaces/system/leases';
  const name = { namespace: 'system', name: 'vaultsecret' };
  const renewTime = '2026-11-25T07:00:00.123000Z';
  const write = {
    holder: 'a',
    durationSeconds: 15,
    transitions: 2,
    renewTimeMs: Date.parse(renewTime),
  };
  const spec = { holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 2, renewTime };
  const object = { metadata: { resourceVersion: '7' }, spec };
  const lease = {
    resourceVersion: '7',
    holder: 'a',
    durationSeconds: 15,
    transitions: 2,
    renewTime,
  };

  test('reads the lease, and tells when there is none', async () => {
    server.answer = json(200, object);
    expect(await createLeaseClient(api, name).get(signal)).toEqual(lease);
    server.answer = json(404, { reason: 'NotFound' });
    expect(await createLeaseClient(api, name).get(signal)).toBeUndefined();
  });

  test('reads a lease that nobody holds', async () => {
    server.answer = json(200, { metadata: { resourceVersion: '7' }, spec: {} });
    expect(await createLeaseClient(api, name).get(signal)).toMatchObject({ holder: '' });
  });

  test('creates it with a time of six digits', async () => {
    server.answer = json(201, object);
    expect(await createLeaseClient(api, name).create(write, signal)).toEqual(lease);
    expect(server.requests[0]).toMatchObject({ method: 'POST', path, body: { spec } });
  });

  test('updates exactly the state that it was told of', async () => {
    server.answer = json(409, { reason: 'Conflict' });
    const updating = createLeaseClient(api, name).update('6', write, signal);
    await expect(updating).rejects.toMatchObject({ status: 409 });
    expect(server.requests[0]).toMatchObject({
      method: 'PUT',
      path: `${path}/vaultsecret`,
      body: { metadata: { resourceVersion: '6' }, spec },
    });
  });

  test.each(['get', 'create', 'update'] as const)('gives up %s with its signal', async (call) => {
    const stop = new AbortController();
    const reason = new Error('No answer in time');
    server.answer = () => stop.abort(reason);
    const client = createLeaseClient(api, name);
    const calls = {
      get: () => client.get(stop.signal),
      create: () => client.create(write, stop.signal),
      update: () => client.update('6', write, stop.signal),
    };
    await expect(calls[call]()).rejects.toBe(reason);
  });

  test('watches the one lease, in the words in which it reads it', async () => {
    const lines = ['MODIFIED', 'DELETED'].map((type) => `${JSON.stringify({ type, object })}\n`);
    server.answer = (_request, response) => response.end(lines.join(''));
    const seen = [];
    for await (const one of createLeaseClient(api, name).watch('6', signal)) seen.push(one);
    expect(seen).toEqual([lease, undefined]);
    expect(server.requests[0]).toMatchObject({
      path,
      query: { watch: 'true', fieldSelector: 'metadata.name=vaultsecret', resourceVersion: '6' },
    });
  });
});

describe('the event client', () => {
  const subject = {
    apiVersion: 'a/v1',
    kind: 'VaultSecret',
    namespace: 'shop',
    name: 'x.y.',
    uid: 'u',
  };
  const note = {
    subject,
    type: 'Warning',
    reason: 'Denied',
    action: 'Fetch',
    note: 'why',
  } as const;
  const path = '/apis/events.k8s.io/v1/namespaces/shop/events';

  test('makes an event under a generated name that the API server takes, and tells the name', async () => {
    server.answer = json(201, { metadata: { name: 'x.y-abc' } });
    expect(await createEventClient(api, 'i'.repeat(200)).create(note, 0)).toBe('x.y-abc');
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path,
      body: {
        metadata: { generateName: 'x.y-', namespace: 'shop' },
        eventTime: '1970-01-01T00:00:00.000000Z',
        reportingInstance: 'i'.repeat(128),
        regarding: subject,
      },
    });
  });

  test('raises the series of one that was made before', async () => {
    await createEventClient(api, 'i').repeat('shop', 'x.y-abc', 3, 1_500);
    expect(server.requests[0]).toMatchObject({
      method: 'PATCH',
      path: `${path}/x.y-abc`,
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { series: { count: 3, lastObservedTime: '1970-01-01T00:00:01.500000Z' } },
    });
  });
});

describe('the TokenRequest client', () => {
  const request = {
    namespace: 'shop',
    name: 'sa',
    uid: 'u1',
    audience: 'api://x',
    expirationSeconds: 3600,
  };

  test('asks for exactly this ServiceAccount and keeps the token out of sight', async () => {
    const status = { token: 'ey.secret', expirationTimestamp: '2026-11-25T08:00:00Z' };
    server.answer = json(201, { status });
    const answer = await createServiceAccountTokenClient(api).request(request);
    expect(reveal(answer.token)).toBe('ey.secret');
    expect(answer.expiresAt).toBe(Date.parse('2026-11-25T08:00:00Z'));
    expect(inspect(answer, { depth: null, showHidden: true })).not.toContain('ey.secret');
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/namespaces/shop/serviceaccounts/sa/token',
      body: {
        metadata: { uid: 'u1' },
        spec: { audiences: ['api://x'], expirationSeconds: 3600 },
      },
    });
  });

  test('takes no answer without a token', async () => {
    server.answer = json(201, { status: { expirationTimestamp: '2026-11-25T08:00:00Z' } });
    await expect(createServiceAccountTokenClient(api).request(request)).rejects.toThrow(/token/);
  });
});
