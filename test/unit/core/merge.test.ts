import { describe, expect, test } from 'vitest';
import { fieldManagerOf, mergeFinalizer } from '../../../src/api/meta.ts';
import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import type {
  FieldManager,
  Observed,
  ObservedSecret,
} from '../../../src/core/observed/observed.ts';
import {
  afterwards,
  aKeyVaultSecret,
  aManager,
  aMemory,
  anObserved,
  anObservedSecret,
  aVault,
  aVaultSecret,
  decide,
  edited,
  now,
  targetOf,
  writesAfter,
  writesOf,
  writtenTime,
} from './builders.ts';
import { anError } from './someErrors.ts';

const finalizers = [mergeFinalizer];
const merge = { target: { creationPolicy: 'Merge' as const } };
const vaultSecret = aVaultSecret({ spec: merge });
/** Somebody's Secret, which they let us write. */
const theirs = anObservedSecret({ managed: true });
const first = anObserved({ vaultSecret, target: theirs });

/** The keys are merged, an hour ago. */
const synced: Observed = (() => {
  const after = afterwards(first, decide({ ...first, now: Date.parse(writtenTime) }));
  return { ...after, now, memory: aMemory(), vaultSecret: { ...after.vaultSecret, finalizers } };
})();

const merged = targetOf(synced);
const withTarget = (fields: Partial<ObservedSecret>): Observed => ({
  ...synced,
  target: { ...merged, resourceVersion: '101', ...fields },
});
const ours = (fields: Partial<FieldManager>): readonly FieldManager[] =>
  merged.managers.map((manager) =>
    manager.name === fieldManagerOf('uid-1') ? { ...manager, ...fields } : manager,
  );
const withdrawal = (dataKeys: readonly string[] = ['DB_PASSWORD']) => ({
  kind: 'withdraw',
  name: 'shop',
  fence: { kind: 'exactly', uid: 'secret-uid', resourceVersion: '100' },
  part: { uid: 'uid-1', dataKeys },
});

describe('the first merge', () => {
  const plan = decide(first);

  test('adds keys and two annotations of our own, and no more', () => {
    expect(plan.secret).toMatchObject({
      kind: 'apply',
      fence: { kind: 'exactly', uid: 'secret-uid', resourceVersion: '100' },
      prune: [],
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
    ['our record', withTarget({ marks: [{ uid: 'uid-1', owner: 'shop/shop', record: 'x' }] })],
    ['our owner annotation', withTarget({ marks: [] })],
    ['all managers', withTarget({ managers: [] })],
  ])('what somebody changed is put right, without a key removed: %s', (_, observed) => {
    const plan = decide(observed);

    expect(plan.secret).toMatchObject({ kind: 'apply', prune: [] });
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
    const memory = aMemory({ refreshAt: now, missing: { 'db-password': now - 600_000 } });
    const due = { ...afterwards(before, decide(before, vault)), memory };
    const { secret } = decide(due, { ...vault, 'db-password': anError('KeyVaultSecretNotFound') });

    expect(secret).toMatchObject({ kind: 'apply', prune: [] });
    expect(secret.kind === 'apply' && Object.keys(secret.desired.data)).toEqual(['a']);
  });

  test('a change of the source is followed', () => {
    const vault = aVault(aKeyVaultSecret({ version: 'v2' }));
    const due = { ...synced, memory: aMemory({ refreshAt: now }) };

    expect(writesOf(due, vault)).toEqual(['Secret: apply', 'status', 'event SecretUpdated']);
  });
});

describe('what we merged is taken out', () => {
  const going = { ...synced.vaultSecret, terminating: true };

  test.each<readonly [string, Partial<VaultSecretSpec> | undefined]>([
    ['', undefined],
    [', also of one that is suspended', { suspend: true }],
  ])('before the VaultSecret goes, without a read%s', (_, spec) => {
    const observed = { ...edited(synced, spec ?? {}) };
    const plan = decide({
      ...observed,
      vaultSecret: { ...observed.vaultSecret, terminating: true },
    });

    expect(plan).toMatchObject({ secret: { kind: 'keep' }, formerTargets: [withdrawal()] });
    expect(plan.finalizer).toBe('remove');
    expect(plan.error).toBeUndefined();
  });

  test('also of one whose spec cannot be read', () => {
    const problem = { field: 'spec.data', problem: 'is required' };
    const spec = { data: [] };

    expect(decide({ ...synced, vaultSecret: { ...going, spec, problem } })).toMatchObject({
      formerTargets: [withdrawal()],
      finalizer: 'remove',
    });
  });

  test.each<readonly [string, Partial<Observed>]>([
    ['there is no Secret any more', { target: undefined }],
    ['its owner took the label off', { target: { ...merged, managed: false } }],
    ['the Secret goes as well', { target: { ...merged, terminating: true } }],
    ['it was taken out already', { target: theirs }],
  ])('no more when %s: then nothing holds the VaultSecret', (_, fields) => {
    const plan = decide({ ...synced, vaultSecret: going, ...fields });

    expect(plan).toMatchObject({ formerTargets: [], finalizer: 'remove' });
  });

  test('of a Secret under a former name, once the new one is written', () => {
    const target = { ...theirs, name: 'new', uid: 'new-uid' };
    const renamed = { ...edited(synced, { target: { ...merge.target, name: 'new' } }) };
    const observed = { ...renamed, target, formerTargets: [merged] };

    expect(decide(observed)).toMatchObject({
      secret: { kind: 'apply', desired: { name: 'new' } },
      formerTargets: [withdrawal()],
    });
    expect(decide(observed).finalizer).toBeUndefined();
    expect(
      decide({ ...observed, target: undefined }),
      'the last good keys stay where they are',
    ).toMatchObject({ formerTargets: [], error: { reason: 'TargetNotFound' } });
  });

  test.each(['Owner', 'Orphan'] as const)('when the policy becomes %s', (creationPolicy) => {
    const plan = decide(edited(synced, { target: { creationPolicy } }));

    expect(plan).toMatchObject({
      error: { reason: 'TargetOwnedByOther' },
      formerTargets: [withdrawal()],
      finalizer: 'remove',
    });
  });

  test('when the policy becomes Adopt by the adoption alone', () => {
    const plan = decide(edited(synced, { target: { creationPolicy: 'Adopt' } }));

    expect(plan).toMatchObject({
      secret: { kind: 'apply', takeOver: { allData: true } },
      formerTargets: [],
      finalizer: 'remove',
    });
  });

  test('not while that adoption cannot be made', () => {
    const adopting = edited(synced, { target: { creationPolicy: 'Adopt' } });
    const plan = decide(adopting, { 'db-password': anError('KeyVaultUnreachable') });

    expect(plan).toMatchObject({ secret: { kind: 'keep' }, formerTargets: [] });
    expect(plan.finalizer).toBeUndefined();
  });

  test.each<readonly [string, Observed]>([
    [
      'a spec that cannot be read',
      {
        ...synced,
        vaultSecret: {
          ...synced.vaultSecret,
          spec: { data: [] },
          problem: { field: 'spec', problem: 'x' },
        },
      },
    ],
    ['one that is suspended', edited(synced, { suspend: true, target: {} })],
  ])('not by %s', (_, observed) => {
    expect(decide(observed).formerTargets).toEqual([]);
    expect(decide(observed).finalizer).toBeUndefined();
  });

  test('but for keys that somebody else applies, too', () => {
    const data = ['A', 'B', 'C'];
    const managers = [
      ...ours({ dataKeys: data }),
      aManager({ name: 'argo', operation: 'Apply', dataKeys: ['B'] }),
      aManager({ name: 'kubectl-create', dataKeys: ['C'] }),
    ];
    const observed = { ...synced, vaultSecret: going, target: { ...merged, managers } };

    expect(decide(observed).formerTargets).toEqual([withdrawal(['A', 'C'])]);
  });

  test('with no key where managedFields were cleared, and nobody can tell', () => {
    const observed = { ...synced, vaultSecret: going, target: { ...merged, managers: [] } };

    expect(decide(observed).formerTargets).toEqual([withdrawal([])]);
  });
});
