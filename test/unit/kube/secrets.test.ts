import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DesiredSecret } from '../../../src/core/secret/desired.ts';
import { wholeMarks } from '../../../src/core/secret/marks.ts';
import { redact } from '../../../src/core/redacted.ts';
import {
  partialMetadata,
  partialMetadataList,
  createApiClient,
} from '../../../src/kube/request.ts';
import { createSecretClient } from '../../../src/kube/secrets.ts';
import type { SecretClient } from '../../../src/ports/secrets.ts';
import { json, startFakeApiServer, type FakeApiServer } from './fakeApiServer.ts';

const canary = Buffer.from('hunter2').toString('base64');
const path = '/api/v1/namespaces/shop/secrets/shop';
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

const options = { fieldManager: 'vaultsecret.dev/vs', force: false };

describe('applying a Secret', () => {
  test('sends labels, owner and values in one server-side apply under its own field manager', async () => {
    const stored = await secrets.apply(aSecret(), { ...options, fence });
    expect(stored.body).toMatchObject({ uid: 'u1', resourceVersion: '9', managed: true });
    expect(server.requests[0]).toMatchObject({
      method: 'PATCH',
      path,
      query: { fieldManager: 'vaultsecret.dev/vs', force: 'false' },
      headers: { 'content-type': 'application/apply-patch+yaml', accept: partialMetadata },
      body: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          ...name,
          labels: { 'vaultsecret.dev/managed': 'true' },
          annotations: { 'vaultsecret.dev/owner': 'shop/shop' },
          ownerReferences: [{ apiVersion: 'v', kind: 'VaultSecret', name: 'shop', uid: 'vs' }],
        },
        type: 'Opaque',
        data: { PASSWORD: canary },
      },
    });
  });

  test('of keys alone names neither a type nor labels, which it would own', async () => {
    const { type: _type, ownerReference: _owner, ...part } = aSecret();
    await secrets.apply({ ...part, labels: {} }, { ...options, fence });

    const annotations = { 'vaultsecret.dev/owner': 'shop/shop' };
    expect(server.requests[0]?.body).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...name, uid: 'u1', resourceVersion: '8', annotations },
      data: { PASSWORD: canary },
    });
  });

  test('to a known state names its uid and resourceVersion', async () => {
    await secrets.apply(aSecret(), { ...options, fence, force: true });
    expect(server.requests[0]?.query['force']).toBe('true');
    expect(server.requests[0]?.body).toMatchObject({
      metadata: { uid: 'u1', resourceVersion: '8' },
    });
  });

  test('where none may be yet names a resourceVersion that no Secret has, and no uid', async () => {
    await secrets.apply(aSecret(), { ...options, fence: { kind: 'absent' } });
    expect(server.requests[0]?.body).toHaveProperty('metadata.resourceVersion', '1');
    expect(server.requests[0]?.body).not.toHaveProperty('metadata.uid');
  });

  test('leaves no value in the answer, nor in the error when it is refused', async () => {
    const { ownerReference: _, ...orphan } = aSecret();
    const stored = await secrets.apply(orphan, { ...options, fence });
    expect(inspect(stored, { depth: null, showHidden: true })).not.toContain(canary);
    expect(server.requests[0]?.body).not.toHaveProperty('metadata.ownerReferences');

    const causes = [
      { reason: 'FieldManagerConflict', message: `conflict ${canary}`, field: '.data.PASSWORD' },
    ];
    server.answer = json(409, { reason: 'Conflict', message: canary, details: { causes } });
    const error = await secrets
      .apply(aSecret(), { ...options, fence })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 409, causes: [{ field: '.data.PASSWORD' }] });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(canary);
  });
});

test('taking over rewrites managedFields alone, on exactly the state that the plan saw', async () => {
  const managedFields = [
    { manager: 'vaultsecret.dev/old', operation: 'Apply', fieldsV1: { 'f:data': { 'f:A': {} } } },
  ];
  server.answer = json(200, { metadata: { ...metadata, resourceVersion: '10', managedFields } });
  const { body: seen } = await secrets.apply(aSecret(), { ...options, fence });
  const taken = { predecessors: ['vaultsecret.dev/old'], allData: false };
  const stored = await secrets.takeOver(seen, taken, 'vaultsecret.dev/vs');

  expect(stored.body.resourceVersion).toBe('10');
  expect(server.requests[1]).toMatchObject({ method: 'GET', headers: { accept: partialMetadata } });
  expect(server.requests[2]).toMatchObject({
    method: 'PATCH',
    path,
    headers: { 'content-type': 'application/json-patch+json', accept: partialMetadata },
    body: [
      { op: 'replace', path: '/metadata/resourceVersion', value: '10' },
      {
        op: 'replace',
        path: '/metadata/managedFields',
        value: [{ manager: 'vaultsecret.dev/vs' }],
      },
    ],
  });
});

test('pruning sets each key to null, on exactly the state that the apply returned', async () => {
  const { body: secret } = await secrets.apply(aSecret(), { ...options, fence });
  await secrets.prune(secret, ['OLD', 'OLDER'], 'vaultsecret.dev/vs');
  expect(server.requests[1]).toMatchObject({
    method: 'PATCH',
    path,
    query: { fieldManager: 'vaultsecret.dev/vs' },
    headers: { 'content-type': 'application/merge-patch+json', accept: partialMetadata },
    body: { metadata: { uid: 'u1', resourceVersion: '9' }, data: { OLD: null, OLDER: null } },
  });
});

test('deleting names the state as a precondition', async () => {
  await secrets.delete(name, fence);
  expect(server.requests[0]).toMatchObject({
    method: 'DELETE',
    path,
    body: { preconditions: { uid: 'u1', resourceVersion: '8' } },
  });
});

test('what is gone already is deleted, released and read as absent', async () => {
  server.answer = json(404, { reason: 'NotFound' });
  await secrets.delete(name, fence);
  await secrets.release(name, fence, wholeMarks('vs'));
  expect(await secrets.get(name)).toBeUndefined();
  expect(server.requests).toHaveLength(3);
});

test('a conflict of the fence is an error of each write', async () => {
  server.answer = json(409, { reason: 'Conflict' });
  await expect(secrets.delete(name, fence)).rejects.toMatchObject({ status: 409 });
  await expect(secrets.release(name, fence, wholeMarks('vs'))).rejects.toMatchObject({
    status: 409,
  });
});

test('reading asks for metadata only', async () => {
  const metadata = { ...name, uid: 'u1', resourceVersion: '9' };
  expect(await secrets.get(name)).toMatchObject({ metadata });
  expect(server.requests[0]).toMatchObject({
    method: 'GET',
    path,
    headers: { accept: partialMetadata },
  });
});

test.each([
  [[metadata], true],
  [[], false],
  [null, false],
])('a type is asked for by a list of metadata that it selects: %j', async (items, expected) => {
  server.answer = json(200, { metadata: {}, items });

  expect(await secrets.hasType(name, { is: 'example.com/a,b=c' })).toBe(expected);
  expect(server.requests[0]).toMatchObject({
    method: 'GET',
    path: '/api/v1/namespaces/shop/secrets',
    query: { fieldSelector: 'metadata.name=shop,type=example.com/a\\,b\\=c' },
    headers: { accept: partialMetadataList },
  });
});

test('a type that must be none of several is asked for in one list', async () => {
  server.answer = json(200, { metadata: {}, items: [] });

  expect(await secrets.hasType(name, { isNoneOf: ['a/b', 'c/d'] })).toBe(false);
  expect(server.requests[0]?.query['fieldSelector']).toBe('metadata.name=shop,type!=a/b,type!=c/d');
});

describe('taking our part out of a Secret of others', () => {
  const annotations = { 'vaultsecret.dev/owner.vs': null, 'vaultsecret.dev/sync-record.vs': null };

  test.each([
    [['A', 'B'], { data: { A: null, B: null } }],
    [[], {}],
  ])('removes the keys %j and our marks in one write, under fence', async (dataKeys, data) => {
    const stored = await secrets.withdraw(name, fence, { uid: 'vs', dataKeys });

    expect(stored?.body.uid).toBe('u1');
    expect(server.requests[0]).toMatchObject({
      method: 'PATCH',
      path,
      query: { fieldManager: 'vaultsecret.dev/vs' },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(server.requests[0]?.body).toEqual({
      metadata: { uid: 'u1', resourceVersion: '8', annotations },
      ...data,
    });
  });

  test('then gives up what others own too, by an apply of nothing', async () => {
    const { body: secret } = await secrets.apply(aSecret(), { ...options, fence });
    await secrets.disown(secret, 'vaultsecret.dev/vs');

    expect(server.requests[1]).toMatchObject({
      method: 'PATCH',
      query: { fieldManager: 'vaultsecret.dev/vs', force: 'false' },
      headers: { 'content-type': 'application/apply-patch+yaml' },
    });
    expect(server.requests[1]?.body).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...name, uid: 'u1', resourceVersion: '9' },
    });
  });

  test('is done already when the Secret is gone', async () => {
    server.answer = json(404, { reason: 'NotFound' });

    expect(await secrets.withdraw(name, fence, { uid: 'vs', dataKeys: [] })).toBeUndefined();
  });
});
