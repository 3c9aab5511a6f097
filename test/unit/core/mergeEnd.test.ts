import { describe, expect, test } from 'vitest';
import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import type { FieldManager, Observed } from '../../../src/core/observed/observed.ts';
import { aManager, decide, edited } from './builders.ts';
import { anError } from './someErrors.ts';

import { merge, merged, ours, synced, theirs, withdrawal } from './mergedSecret.ts';

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

  const unmanaged = (...managers: readonly FieldManager[]): Observed => ({
    ...synced,
    vaultSecret: going,
    target: { ...merged, managers },
  });

  test.each<readonly [string, Observed, readonly string[]]>([
    ['by its record', unmanaged(), ['DB_PASSWORD']],
    [
      'also when somebody applied something else since',
      unmanaged(aManager({ name: 'before-first-apply', dataKeys: ['DB_PASSWORD', 'THEIRS'] })),
      ['DB_PASSWORD'],
    ],
    ['but for what others wrote since', unmanaged(aManager({ dataKeys: ['DB_PASSWORD'] })), []],
  ])('%s, where managedFields were cleared', (_, observed, dataKeys) => {
    expect(decide(observed).formerTargets).toEqual([withdrawal(dataKeys)]);
  });

  test.each(['', '{}'])('with no key where the record was spoilt as well: %j', (record) => {
    const marks = [{ uid: 'uid-1', owner: 'shop/shop', record }];
    const observed = { ...synced, vaultSecret: going, target: { ...merged, marks, managers: [] } };

    expect(decide(observed).formerTargets).toEqual([withdrawal([])]);
  });

  test('or it is told what stays, and how to remove it, where its owner took the label off', () => {
    const target = { ...merged, managed: false };

    expect(decide({ ...synced, vaultSecret: going, target }).events).toMatchObject([
      {
        type: 'Warning',
        reason: 'MergedKeysLeft',
        note: expect.stringContaining(
          `kubectl patch secret shop --namespace shop --type merge --patch '{"data":{"DB_PASSWORD":null}}'`,
        ),
      },
    ]);
  });
});
