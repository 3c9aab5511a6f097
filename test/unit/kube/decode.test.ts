import { describe, expect, test } from 'vitest';
import { decodeSecret, decodeServiceAccount, decodeVaultSecret } from '../../../src/kube/decode.ts';

const base = { name: 'shop', namespace: 'shop', uid: 'u1', resourceVersion: '9' };

describe('a VaultSecret', () => {
  const live = { ...base, creationTimestamp: '2026-11-25T07:00:00Z' };
  const spec = {
    vaultUrl: 'https://shop-prod.vault.azure.net',
    serviceAccountName: 'shop',
    data: [{ dataKey: 'A', secret: { name: 'a' } }],
  };

  test('is kept without what nobody reads', () => {
    const annotations = {
      'vaultsecret.dev/refresh': '1',
      'kubectl.kubernetes.io/last-applied-configuration': 'canary',
    };
    const managedFields = [{ manager: 'kubectl', fieldsV1: { 'f:spec': {} } }];
    const metadata = {
      ...live,
      generation: 3,
      annotations,
      managedFields,
      labels: { a: 'canary' },
    };
    const stored = decodeVaultSecret({ metadata, spec, status: { observedGeneration: 3 } });
    expect(stored).toEqual({
      metadata: base,
      body: {
        namespace: 'shop',
        name: 'shop',
        uid: 'u1',
        generation: 3,
        createdAt: Date.parse('2026-11-25T07:00:00Z'),
        terminating: false,
        finalizers: [],
        refresh: '1',
        spec,
        status: { observedGeneration: 3 },
      },
    });
  });

  test('has an empty status until one is written, and is terminating once it is to go', () => {
    const metadata = {
      ...live,
      deletionTimestamp: '2026-11-25T07:00:00Z',
      finalizers: ['a/b'],
    };
    const { body } = decodeVaultSecret({ metadata, spec });
    expect(body).toMatchObject({ terminating: true, status: {}, finalizers: ['a/b'] });
  });

  test('whose spec an older schema let pass is kept with the field that is wrong', () => {
    const { body } = decodeVaultSecret({ metadata: live, spec: { ...spec, vaultUrl: 'http://x' } });
    expect(body.problem?.field).toBe('spec.vaultUrl');
    expect(decodeVaultSecret({ metadata: live }).body.problem?.field).toBe('spec');
  });

  test('of a newer CRD is kept with the field that we do not know', () => {
    const { body } = decodeVaultSecret({ metadata: live, spec: { ...spec, colour: 'red' } });

    expect(body.problem).toEqual({
      field: 'spec.colour',
      problem: 'is not known to this version of the controller',
    });
  });

  test('of a newer controller keeps its status but for what we do not know', () => {
    const status = {
      observedGeneration: 3,
      colour: 'red',
      sources: [{ dataKey: 'A', name: 'a', version: '1', colour: 'red' }],
    };
    const { body } = decodeVaultSecret({ metadata: live, spec, status });

    expect(body.status).toEqual({
      observedGeneration: 3,
      sources: [{ dataKey: 'A', name: 'a', version: '1' }],
    });
  });
});

describe('a Secret', () => {
  test('is cut down to ownership, record and who set what', () => {
    const stored = decodeSecret({
      metadata: {
        ...base,
        labels: { 'vaultsecret.dev/managed': 'true', app: 'canary' },
        annotations: {
          'vaultsecret.dev/owner': 'shop/shop',
          'vaultsecret.dev/sync-record': '{}',
          'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"A":"canary"}}',
        },
        ownerReferences: [{ uid: 'vs', name: 'shop' }],
        managedFields: [
          {
            manager: 'vaultsecret.dev/vs',
            operation: 'Apply',
            time: '2026-11-25T07:00:00Z',
            fieldsV1: {
              'f:data': { '.': {}, 'f:A': {}, 'f:B': {} },
              'f:stringData': { '.': {}, 'f:C': {} },
              'f:metadata': {
                'f:labels': { 'f:vaultsecret.dev/managed': {} },
                'f:annotations': { 'f:vaultsecret.dev/owner': {} },
              },
            },
          },
          { manager: 'kubectl-edit', operation: 'Update' },
        ],
      },
      data: { A: 'canary' },
    });
    expect(JSON.stringify(stored)).not.toContain('canary');
    expect(stored.body).toEqual({
      ...base,
      terminating: false,
      managed: true,
      owner: 'shop/shop',
      ownerUids: ['vs'],
      record: '{}',
      marks: [],
      managers: [
        {
          name: 'vaultsecret.dev/vs',
          operation: 'Apply',
          time: '2026-11-25T07:00:00Z',
          dataKeys: ['A', 'B'],
          stringDataKeys: ['C'],
          labels: ['vaultsecret.dev/managed'],
          annotations: ['vaultsecret.dev/owner'],
        },
        {
          name: 'kubectl-edit',
          operation: 'Update',
          time: '',
          dataKeys: [],
          stringDataKeys: [],
          labels: [],
          annotations: [],
        },
      ],
    });
  });

  test('shows who merged keys into it, each with a record of its own', () => {
    const annotations = {
      'vaultsecret.dev/owner.u1': 'shop/a',
      'vaultsecret.dev/sync-record.u1': '{}',
      'vaultsecret.dev/owner.u2': 'shop/b',
      'vaultsecret.dev/sync-record.u3': '{}',
    };
    const { body } = decodeSecret({ metadata: { ...base, annotations } });

    expect(body.marks).toEqual([
      { uid: 'u1', owner: 'shop/a', record: '{}' },
      { uid: 'u2', owner: 'shop/b' },
    ]);
    expect(body).not.toHaveProperty('owner');
  });

  test('without our marks is nobody’s', () => {
    const { body } = decodeSecret({ metadata: base });
    expect(body).toMatchObject({ managed: false, ownerUids: [], marks: [], managers: [] });
    expect(body).not.toHaveProperty('owner');
  });
});

test('a ServiceAccount is its uid and the identity that its annotations name', () => {
  const annotations = {
    'azure.workload.identity/client-id': 'c',
    'azure.workload.identity/tenant-id': 't',
    other: 'canary',
  };
  expect(decodeServiceAccount({ metadata: { ...base, annotations } }).body).toEqual({
    uid: 'u1',
    clientId: 'c',
    tenantId: 't',
  });
  expect(decodeServiceAccount({ metadata: base }).body).toEqual({ uid: 'u1' });
});

test('a ServiceAccount that is deleted and held by a finalizer is terminating', () => {
  const deletionTimestamp = '2026-11-25T12:00:00Z';
  expect(decodeServiceAccount({ metadata: { ...base, deletionTimestamp } }).body).toEqual({
    uid: 'u1',
    terminating: true,
  });
});

test.each([undefined, {}, { metadata: {} }, 'text'])('%j is none of them', (raw) => {
  expect(() => decodeSecret(raw)).toThrow(/expected/);
});
