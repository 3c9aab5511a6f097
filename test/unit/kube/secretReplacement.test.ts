import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DesiredSecret } from '../../../src/core/secret/desired.ts';
import { wholeMarks } from '../../../src/core/secret/marks.ts';
import { redact } from '../../../src/core/redacted.ts';
import { partialMetadata, createApiClient } from '../../../src/kube/request.ts';
import { createSecretClient } from '../../../src/kube/secrets.ts';
import type { SecretClient } from '../../../src/ports/secrets.ts';
import { json, startFakeApiServer, type FakeApiServer } from './fakeApiServer.ts';

const canary = Buffer.from('hunter2').toString('base64');
const name = { namespace: 'shop', name: 'shop' };
const metadata = {
  ...name,
  uid: 'u1',
  resourceVersion: '9',
  labels: { 'vaultsecret.dev/managed': 'true' },
};
const fence = { kind: 'exactly', uid: 'u1', resourceVersion: '8' } as const;

let server: FakeApiServer;
let secrets: SecretClient;

beforeEach(async () => {
  server = await startFakeApiServer(json(200, { metadata }));
  secrets = createSecretClient(createApiClient(server.config()));
});

afterEach(async () => {
  await server.close();
});

function aSecret(): DesiredSecret {
  return {
    ...name,
    type: 'Opaque',
    labels: { 'vaultsecret.dev/managed': 'true' },
    annotations: { 'vaultsecret.dev/owner': 'shop/shop' },
    ownerReference: { apiVersion: 'v', kind: 'VaultSecret', name: 'shop', uid: 'vs' },
    data: { PASSWORD: redact(canary) },
  };
}

describe('trying to create', () => {
  test('asks for the Secret as it is to be, and for nothing to be kept', async () => {
    await secrets.tryCreate(aSecret(), 'vaultsecret.dev/vs');
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/namespaces/shop/secrets',
        query: { dryRun: 'All', fieldManager: 'vaultsecret.dev/vs' },
        headers: { accept: partialMetadata },
        body: { kind: 'Secret', type: 'Opaque', data: { PASSWORD: canary } },
      },
    ]);
    expect(server.requests[0]?.body).not.toHaveProperty('metadata.resourceVersion');
  });

  test('minds no Secret of the name, but every other refusal', async () => {
    server.answer = json(409, { reason: 'AlreadyExists' });
    await secrets.tryCreate(aSecret(), 'vaultsecret.dev/vs');
    server.answer = json(403, { reason: 'Forbidden' });
    await expect(secrets.tryCreate(aSecret(), 'x')).rejects.toMatchObject({ status: 403 });
  });
});

describe('releasing', () => {
  const theirs = { manager: 'kubectl', operation: 'Apply', fieldsV1: { 'f:data': {} }, time: 't' };
  const ours = { manager: 'vaultsecret.dev/vs', operation: 'Apply', fieldsV1: {} };
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'other' };

  test.each([
    { managedFields: [ours, theirs], left: [theirs] },
    { managedFields: [{ ...ours, operation: 'Update' }], left: [{ ...ours, operation: 'Update' }] },
    { managedFields: [ours], left: [{}] },
    { managedFields: undefined, left: [{}] },
  ])('takes our entry out of managedFields: $left is left', async ({ managedFields, left }) => {
    server.answer = json(200, { metadata: { ...metadata, managedFields } });
    await secrets.release(name, fence, wholeMarks('vs'));
    expect(server.requests[1]).toMatchObject({ body: { metadata: { managedFields: left } } });
  });

  test('takes our label, annotations and owner reference off, and nothing else', async () => {
    const ownerReferences = [owner, { ...owner, uid: 'vs' }];
    server.answer = json(200, { metadata: { ...metadata, ownerReferences } });
    await secrets.release(name, fence, wholeMarks('vs'));
    expect(server.requests[0]).toMatchObject({
      method: 'GET',
      headers: { accept: partialMetadata },
    });
    expect(server.requests[1]?.body).toEqual({
      metadata: {
        uid: 'u1',
        resourceVersion: '8',
        labels: { 'vaultsecret.dev/managed': null },
        annotations: { 'vaultsecret.dev/owner': null, 'vaultsecret.dev/sync-record': null },
        managedFields: [{}],
        ownerReferences: [owner],
      },
    });
    expect(server.requests[1]).toMatchObject({
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
    });
  });
});
