import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { resolveIdentity } from '../../../src/core/access/boundIdentity.ts';
import type { ObservedServiceAccount } from '../../../src/core/observed/identity.ts';
import { isRefreshAsked } from '../../../src/core/observed/refresh.ts';
import { azureClouds } from '../../../src/api/cloud.ts';
import { decodeSecret, decodeServiceAccount, decodeVaultSecret } from '../../../src/kube/decode.ts';
import { decodeNamespace, decodeVaultConnection } from '../../../src/kube/decodeConnection.ts';

/** What an object may bring in its annotations: https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/ */
const annotationBytes = 250_000;
const long = 'x'.repeat(annotationBytes);
const base = { name: 'shop', namespace: 'shop', uid: 'u1', resourceVersion: '9' };
const id = '11111111-2222-3333-4444-555555555555';
const many = (count: number, prefix = 'f:') =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${prefix}${index}${'k'.repeat(200)}`, {}]),
  );

const vaultSecret = (more: object, status?: unknown) =>
  decodeVaultSecret({
    metadata: { ...base, creationTimestamp: '2026-11-25T07:00:00Z', ...more },
    spec: {},
    status,
  }).body;
const secret = (more: object) => decodeSecret({ metadata: { ...base, ...more } }).body;
const sizeOf = (value: unknown): number => JSON.stringify(value).length;

describe('of what a tenant brings, little is kept', () => {
  test.each([
    ['the ids of a ServiceAccount', serviceAccount({ clientId: long, tenantId: long }), 500],
    ['a refresh', vaultSecret({ annotations: { 'vaultsecret.dev/refresh': long } }), 1_000],
    [
      'finalizers',
      vaultSecret({ finalizers: Array.from({ length: 9_000 }, () => `a/${long}`) }),
      50_000,
    ],
    ['a status', vaultSecret({}, { secretName: long, controller: long }), 500],
    ['the name of a field of a spec', vaultSecret({ spec: { [long]: 1 } }), 1_000],
    ['the owner of a Secret', secret({ annotations: { 'vaultsecret.dev/owner': long } }), 1_000],
    [
      'the record of a Secret',
      secret({ annotations: { 'vaultsecret.dev/sync-record': long } }),
      500,
    ],
    [
      'a merge mark',
      secret({
        annotations: { 'vaultsecret.dev/owner.u1': long, 'vaultsecret.dev/sync-record.u1': long },
      }),
      1_000,
    ],
    ['merge marks', secret({ annotations: marks(9_000) }), 30_000],
    [
      'owner references',
      secret({ ownerReferences: Array.from({ length: 9_000 }, () => ({ uid: long })) }),
      20_000,
    ],
    [
      'the name of a field manager',
      secret({ managedFields: [{ manager: long, operation: long, time: long }] }),
      1_000,
    ],
    [
      'field managers',
      secret({ managedFields: Array.from({ length: 9_000 }, () => ({ manager: 'a' })) }),
      50_000,
    ],
    [
      'names of fields',
      secret({ managedFields: [{ manager: 'a', fieldsV1: { 'f:data': many(9_000) } }] }),
      260_000,
    ],
    [
      'a name of a field',
      secret({ managedFields: [{ fieldsV1: { 'f:data': { [`f:${long}`]: {} } } }] }),
      1_000,
    ],
    [
      'labels of a namespace',
      decodeNamespace({ metadata: { ...base, labels: { a: long, [long]: 'b' } } }),
      1_000,
    ],
    [
      'the status of a connection',
      decodeVaultConnection({
        metadata: base,
        spec: {},
        status: { controller: long, conditions: [] },
      }),
      1_000,
    ],
  ])('%s', (_what, decoded, most) => {
    expect(sizeOf(decoded)).toBeLessThan(most);
  });

  test('and nothing that it was cut out of', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    collect();
    const before = process.memoryUsage().heapUsed;
    const kept = Array.from({ length: 200 }, (_, index) => decodeFromText(index));
    collect();
    // 200 texts of 250 kB are 50 MB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
    expect(kept).toHaveLength(200);
  });
});

describe('what is cut', () => {
  test.each([
    ['with a letter more', `${id}x`],
    ['with a blank', `${id} `],
    ['with a long end', id + long],
  ])('never becomes an id that is accepted: one %s', (_what, clientId) => {
    const observed = serviceAccount({ clientId, tenantId: id });
    expect(resolve(observed)).toMatchObject({ ok: false, error: { reason: 'IdentityInvalid' } });
  });

  test('leaves an id as it is', () => {
    expect(resolve(serviceAccount({ clientId: id, tenantId: id }))).toMatchObject({ ok: true });
  });

  test('never becomes the name of an owner', () => {
    const name = 'n'.repeat(63 + 1 + 253);
    expect(secret({ annotations: { 'vaultsecret.dev/owner': `${name}x` } }).owner).not.toBe(name);
    expect(secret({ annotations: { 'vaultsecret.dev/owner': name } }).owner).toBe(name);
  });

  test('still asks for a refresh when only its end is new', () => {
    const asked = (value: string, observedRefresh: string | undefined) =>
      vaultSecret({ annotations: { 'vaultsecret.dev/refresh': value } }, { observedRefresh });
    const { refresh } = asked(`${long}1`, undefined);
    expect(isRefreshAsked(asked(`${long}1`, refresh))).toBe(false);
    expect(isRefreshAsked(asked(`${long}2`, refresh))).toBe(true);
  });

  test('is never the entry of a VaultSecret, whatever others add', () => {
    const others = Array.from({ length: 300 }, (_, index) => ({
      manager: `other-${index}`,
      operation: 'Apply',
      fieldsV1: { 'f:data': many(100) },
    }));
    const fieldsV1 = { 'f:data': { 'f:A': {} }, 'f:metadata': { 'f:labels': { 'f:app': {} } } };
    const ours = { manager: 'vaultsecret.dev/u1', operation: 'Apply', fieldsV1 };
    const { managers } = secret({ managedFields: [...others, ours] });
    expect(managers).toHaveLength(256);
    expect(managers.at(-1)).toMatchObject({
      name: 'vaultsecret.dev/u1',
      dataKeys: ['A'],
      labels: ['app'],
    });
  });

  test('is never our own finalizer', () => {
    const others = Array.from({ length: 100 }, (_, index) => `example.com/${index}`);
    const { finalizers } = vaultSecret({ finalizers: [...others, 'vaultsecret.dev/merged-keys'] });
    expect(finalizers).toContain('vaultsecret.dev/merged-keys');
  });
});

test('an object with a name that the API server would not store is none', () => {
  expect(() => decodeServiceAccount({ metadata: { ...base, name: long } })).toThrow(/Too big/);
});

function serviceAccount(ids: { clientId: string; tenantId: string }): ObservedServiceAccount {
  const annotations = {
    'azure.workload.identity/client-id': ids.clientId,
    'azure.workload.identity/tenant-id': ids.tenantId,
  };
  return decodeServiceAccount({ metadata: { ...base, annotations } }).body;
}

function decodeFromText(index: number): ObservedServiceAccount {
  const clientId = `${id}${index}${long}`;
  const annotations = { 'azure.workload.identity/client-id': clientId };
  return decodeServiceAccount(JSON.parse(JSON.stringify({ metadata: { ...base, annotations } })))
    .body;
}

function resolve(serviceAccount: ObservedServiceAccount) {
  const defaults = { clientId: undefined, defaultTenantId: undefined };
  const where = { namespace: 'shop', serviceAccountName: 'shop', cloud: azureClouds.AzurePublic };
  return resolveIdentity({ serviceAccount, ...defaults, ...where });
}

function marks(count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`vaultsecret.dev/owner.${index}`, 'shop/a']),
  );
}
