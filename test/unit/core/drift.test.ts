import { describe, expect, test } from 'vitest';
import { fieldManagerOf } from '../../../src/api/meta.ts';
import { surplusDataKeys } from '../../../src/core/secret/drift.ts';
import type {
  FieldManager,
  Observed,
  ObservedSecret,
} from '../../../src/core/observed/observed.ts';
import {
  diagnosed,
  aManager,
  aMemory,
  aSynced,
  aVaultSecret,
  now,
  targetOf,
  writtenTime,
} from './builders.ts';

const later = '2026-11-25T11:00:01Z';
const earlier = '2026-11-25T10:59:59Z';

/** What somebody made of the Secret of a synced VaultSecret. */
function changed(
  change: (secret: ObservedSecret, ours: FieldManager) => Partial<ObservedSecret>,
  observed: Observed = aSynced(),
): Observed {
  const target = targetOf(observed);
  const [ours] = target.managers;
  if (ours === undefined) throw new TypeError('nobody manages the Secret');
  return {
    ...observed,
    target: { ...target, resourceVersion: '101', ...change(target, ours) },
  };
}

const withOurs = (fields: Partial<FieldManager>): Observed =>
  changed((_, ours) => ({ managers: [{ ...ours, ...fields }] }));
const withOther = (fields: Partial<FieldManager>, observed?: Observed): Observed =>
  changed((_, ours) => ({ managers: [ours, aManager(fields)] }), observed);

const foreign = { name: 'foreign', operation: 'Apply', stringDataKeys: ['DB_PASSWORD', 'X'] };

/** As our write leaves it: the entry outlives its repair, and our record names it. */
const overruled = (...names: readonly string[]): Observed =>
  changed((target, ours) => ({
    managers: [ours, aManager(foreign)],
    record: (target.record ?? '').replace(/}$/, `,"overruled":["${names.join(' ')}"]}`),
  }));

const withLabels = aSynced(
  aVaultSecret({ spec: { target: { labels: { team: 'a' }, annotations: { note: 'b' } } } }),
);
const orphan = aSynced(aVaultSecret({ spec: { target: { creationPolicy: 'Orphan' } } }));

describe('drift', () => {
  test.each<readonly [string, string, Observed]>([
    ['our entry is gone', 'ownershipLost', changed(() => ({ managers: [] }))],
    ['only an update under our name is left', 'ownershipLost', withOurs({ operation: 'Update' })],
    [
      'the entry is that of a VaultSecret before ours',
      'ownershipLost',
      withOurs({ name: fieldManagerOf('uid-0') }),
    ],
    ['our label is gone', 'ownershipLost', changed(() => ({ managed: false }))],
    ['the owner reference is gone', 'ownershipLost', changed(() => ({ ownerUids: [] }))],
    [
      'the owner reference names a VaultSecret before ours',
      'ownershipLost',
      changed(() => ({ ownerUids: ['uid-0'] })),
    ],
    ['a value was taken over', 'fieldsLost', withOurs({ dataKeys: [] })],
    [
      'a value was added under our name',
      'fieldsLost',
      withOurs({ dataKeys: ['DB_PASSWORD', 'X'] }),
    ],
    ['our label was taken over', 'fieldsLost', withOurs({ labels: [] })],
    [
      'the owner annotation was taken over',
      'fieldsLost',
      withOurs({ annotations: ['vaultsecret.dev/sync-record'] }),
    ],
    [
      'the record was taken over',
      'fieldsLost',
      withOurs({ annotations: ['vaultsecret.dev/owner'] }),
    ],
    [
      'a label of the spec was taken over',
      'fieldsLost',
      changed(
        (_, ours) => ({ managers: [{ ...ours, labels: ['vaultsecret.dev/managed'] }] }),
        withLabels,
      ),
    ],
    [
      'an annotation of the spec was taken over',
      'fieldsLost',
      changed(
        (_, ours) => ({
          managers: [{ ...ours, annotations: ours.annotations.filter((key) => key !== 'note') }],
        }),
        withLabels,
      ),
    ],
    ['somebody added a key', 'foreignKeys', withOther({ dataKeys: ['X'] })],
    [
      'somebody added a key as stringData',
      'foreignKeys',
      withOther({ operation: 'Apply', stringDataKeys: ['X'], time: later }),
    ],
    [
      'somebody set a value as stringData after us',
      'suspected',
      withOther({ operation: 'Apply', stringDataKeys: ['DB_PASSWORD'], time: later }),
    ],
    [
      'somebody set a value as stringData in our own second',
      'suspected',
      withOther({ operation: 'Apply', stringDataKeys: ['DB_PASSWORD'], time: writtenTime }),
    ],
    ['stringData was applied again since', 'foreignKeys', overruled('foreign', earlier)],
    ['stringData was applied by another since', 'foreignKeys', overruled('other', writtenTime)],
  ])('is seen when %s: %s', (_, drift, observed) => {
    expect(diagnosed(observed).drift).toBe(drift);
  });

  test.each<readonly [string, Observed]>([
    ['nothing happened', aSynced()],
    ['there is no Secret', { ...aSynced(), target: undefined }],
    ['others set labels and annotations', withOther({ labels: ['x'], annotations: ['y'] })],
    ['somebody set our value to the same', withOther({ dataKeys: ['DB_PASSWORD'], time: later })],
    ['stringData was overruled by our last write', overruled('foreign', writtenTime)],
    ['the spec has labels and annotations', withLabels],
    ['the Secret belongs to nobody by policy', orphan],
    [
      'an orphan has the owner reference of somebody else',
      changed(() => ({ ownerUids: ['x'] }), orphan),
    ],
  ])('is not seen when %s', (_, observed) => {
    expect(diagnosed(observed).drift).toBeUndefined();
  });
});

describe('after a write of our own', () => {
  const lastWrite = { uid: 'secret-uid', resourceVersion: '101', time: writtenTime, at: now };
  const remembering = (observed: Observed, fields: Partial<typeof lastWrite> = {}): Observed => ({
    ...observed,
    memory: aMemory({ lastWrite: { ...lastWrite, ...fields } }),
  });

  test.each<readonly [string, Observed]>([
    ['our entry does not hold all', withOurs({ dataKeys: [] })],
    ['somebody holds more', withOther({ dataKeys: ['X'] })],
    ['stringData outlives the repair', withOther({ stringDataKeys: ['DB_PASSWORD'], time: later })],
  ])('what it left is no drift, so that no repair repeats itself: %s', (_, observed) => {
    expect(diagnosed(observed).drift).toBeDefined();
    expect(diagnosed(remembering(observed)).drift).toBeUndefined();
  });

  test.each([
    ['at another second', { resourceVersion: '100', time: earlier, at: now - 60_000 }, 'suspected'],
    ['within the same second', { resourceVersion: '100', at: now - 1_999 }, 'suspected'],
    ['to another Secret of the name', { uid: 'x', time: earlier }, undefined],
  ])('a second write under our own name is seen: %s', (_, fields, expected) => {
    expect(diagnosed(remembering(withOurs({}), fields)).drift).toBe(expected);
  });

  test('edits of other fields move nothing of ours, once two seconds are over', () => {
    const edited = withOther({ labels: ['x'], time: later });

    expect(diagnosed(remembering(edited, { resourceVersion: '100', at: now - 2_000 })).drift).toBe(
      undefined,
    );
  });
});

test('surplus keys are named once, whoever set them, and never keys of the spec', () => {
  const observed = changed((_, ours) => ({
    managers: [
      ours,
      aManager({ dataKeys: ['X', 'DB_PASSWORD'] }),
      aManager({ name: fieldManagerOf('uid-0'), operation: 'Apply', dataKeys: ['X', 'Y'] }),
      aManager({ operation: 'Apply', stringDataKeys: ['Z', 'DB_PASSWORD'], time: later }),
    ],
  }));

  expect(surplusDataKeys(targetOf(observed), observed.vaultSecret)).toEqual(['X', 'Y', 'Z']);
});

test('a key of an overruled apply of stringData is surplus still: within one second it may be there again', () => {
  const observed = overruled('foreign', writtenTime);

  expect(diagnosed(observed).drift).toBeUndefined();
  expect(surplusDataKeys(targetOf(observed), observed.vaultSecret)).toEqual(['X']);
});
