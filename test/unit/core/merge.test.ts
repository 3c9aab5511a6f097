import { describe, expect, test } from 'vitest';
import { fieldManagerOf } from '../../../src/api/meta.ts';
import type { Observed } from '../../../src/core/observed/observed.ts';
import {
  afterwards,
  aKeyVaultSecret,
  aManager,
  aMemory,
  anObservedSecret,
  aVault,
  aVaultSecret,
  decide,
  now,
  writesAfter,
  writesOf,
} from './builders.ts';
import { anError } from './someErrors.ts';

import {
  first,
  merge,
  merged,
  ours,
  synced,
  theirs,
  vaultSecret,
  withTarget,
} from './mergedSecret.ts';

describe('the first merge', () => {
  const plan = decide(first);

  test('adds keys and two annotations of our own, and no more', () => {
    expect(plan.secret).toMatchObject({
      kind: 'apply',
      fence: { kind: 'exactly', uid: 'secret-uid', resourceVersion: '100' },
      desired: {
        labels: {},
        annotations: {
          'vaultsecret.dev/owner.uid-1': 'shop/shop',
          'vaultsecret.dev/sync-record.uid-1': expect.stringContaining('"sources"'),
        },
      },
    });
    expect(plan.secret).not.toHaveProperty('takeOver');
    expect(plan.secret).not.toHaveProperty('desired.type');
    expect(plan.secret).not.toHaveProperty('desired.ownerReference');
  });

  test('sets the finalizer', () => {
    expect(plan.finalizer).toBe('add');
  });

  test('leaves nothing to do, and is no drift to be told', () => {
    expect(writesOf(synced)).toEqual([]);
    expect(decide(synced).finalizer).toBeUndefined();
    expect(plan.events).toEqual([]);
  });

  test.each<readonly [string, Partial<Observed>, string]>([
    ['there is no Secret', { target: undefined }, 'TargetNotFound'],
    ['its owner has not labelled it', { target: anObservedSecret() }, 'TargetNotLabelled'],
    ['it is a credential by its type', { hasWrongType: true }, 'TargetIsCredential'],
    ['it is being deleted', { target: { ...theirs, terminating: true } }, 'SecretTerminating'],
    ['it is all our own', { target: { ...theirs, owner: 'shop/shop' } }, 'TargetIsOwn'],
  ])('waits while %s', (_, fields, reason) => {
    const waiting = decide({ ...first, ...fields });

    expect(waiting).toMatchObject({ secret: { kind: 'keep' }, error: { reason } });
    expect(waiting.finalizer).toBeUndefined();
  });

  test('tells how a missing Secret is made and labelled', () => {
    const { status } = decide({ ...first, target: undefined });

    expect(status.conditions?.[0]?.message).toContain(
      'kubectl create secret generic shop --namespace shop && kubectl label secret shop --namespace shop vaultsecret.dev/managed=true',
    );
  });

  test('takes over what one of our name merged before us', () => {
    const before = { ...synced, vaultSecret: { ...vaultSecret, uid: 'uid-2' } };
    const other = aManager({ name: fieldManagerOf('uid-9'), operation: 'Apply' });
    const target = { ...merged, managers: [...merged.managers, other] };

    expect(decide({ ...before, target }).secret).toMatchObject({
      kind: 'apply',
      takeOver: { predecessors: [fieldManagerOf('uid-1')], allData: false },
    });
  });
});

describe('in a Secret that we merged into', () => {
  test.each<readonly [string, Observed]>([
    ['a value of ours', withTarget({ managers: ours({ dataKeys: [] }) })],
    [
      'our record',
      withTarget({
        marks: [{ uid: 'uid-1', owner: 'shop/shop', record: 'x' }],
        managers: ours({ annotations: [] }),
      }),
    ],
    ['our owner annotation', withTarget({ marks: [] })],
    ['all managers', withTarget({ managers: [] })],
  ])('what somebody changed is put right, without a key removed: %s', (_, observed) => {
    const plan = decide(observed);

    expect(plan.secret).toMatchObject({ kind: 'apply' });
    expect(plan.events).toMatchObject([{ reason: 'DriftRepaired', ifChanged: true }]);
    expect(writesAfter(observed)).toEqual([]);
  });

  test.each<readonly [string, Observed]>([
    [
      'add keys, labels and annotations',
      withTarget({ managers: [...merged.managers, aManager({ dataKeys: ['X'], labels: ['y'] })] }),
    ],
    ['merge theirs', withTarget({ marks: [...merged.marks, { uid: 'u', owner: 'shop/other' }] })],
    ['own it', withTarget({ owner: 'shop/gone' })],
  ])('others may %s', (_, observed) => {
    expect(writesOf(observed)).toEqual([]);
  });

  test('nothing is done once its owner takes the label off, and the keys stay', () => {
    const plan = decide(withTarget({ managed: false }));

    expect(plan).toMatchObject({ error: { reason: 'TargetNotLabelled' }, formerTargets: [] });
    expect(plan.finalizer).toBeUndefined();
  });

  test('a finalizer that somebody took off is set again', () => {
    const bare = { ...synced, vaultSecret: { ...synced.vaultSecret, finalizers: ['a/b'] } };

    expect(decide(bare)).toMatchObject({ secret: { kind: 'keep' }, finalizer: 'add' });
  });

  test('data of an object that is gone leave it by the deletion policy, and our mark stays', () => {
    const entries = ['a', 'db-password'].map((name) => ({ dataKey: name, secret: { name } }));
    const target = { ...merge.target, deletionPolicy: 'Merge' as const };
    const both = aVaultSecret({ spec: { target, data: entries } });
    const vault = aVault(aKeyVaultSecret({ name: 'a' }), aKeyVaultSecret());
    const before = { ...first, vaultSecret: both };
    const missing = { 'db-password': { forMs: 600_000, lastAt: now } };
    const memory = aMemory({ refreshAt: now, missing });
    const due = { ...afterwards(before, decide(before, vault)), memory };
    const { secret } = decide(due, { ...vault, 'db-password': anError('KeyVaultSecretNotFound') });

    expect(secret).toMatchObject({ kind: 'apply' });
    expect(secret.kind === 'apply' && Object.keys(secret.desired.data)).toEqual(['a']);
  });

  test('a change of the source is followed', () => {
    const vault = aVault(aKeyVaultSecret({ version: 'v2' }));
    const due = { ...synced, memory: aMemory({ refreshAt: now }) };

    expect(writesOf(due, vault)).toEqual(['Secret: apply', 'status', 'event SecretUpdated']);
  });
});
