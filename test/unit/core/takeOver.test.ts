import { describe, expect, test } from 'vitest';
import { fieldManagerOf } from '../../../src/api/meta.ts';
import type { FieldManager, Observed } from '../../../src/core/observed/observed.ts';
import {
  diagnosed,
  aManager,
  anObserved,
  aSynced,
  aVaultSecret,
  decide,
  targetOf,
} from './builders.ts';

const synced = aSynced();
const entry = (uid: string, fields: Partial<FieldManager> = {}): FieldManager =>
  aManager({ name: fieldManagerOf(uid), operation: 'Apply', ...fields });
const withManagers = (...managers: readonly FieldManager[]): Observed => ({
  ...synced,
  target: { ...targetOf(synced), managers },
});

describe('what a VaultSecret that is gone left in our Secret', () => {
  const others = [
    aManager({ dataKeys: ['X'] }),
    entry('uid-1'),
    entry('uid-0', { operation: 'Update' }),
  ];

  test('is taken over from each such field manager', () => {
    expect(diagnosed(withManagers(...others, entry('uid-0'), entry('uid-9'))).takeOver).toEqual({
      predecessors: [fieldManagerOf('uid-0'), fieldManagerOf('uid-9')],
      allData: false,
    });
  });

  test('is nothing when all others live, or are no VaultSecrets', () => {
    const rival = aVaultSecret({ name: 'other', uid: 'uid-2' });

    expect(
      diagnosed({ ...withManagers(...others, entry('uid-2')), rivals: [rival] }).takeOver,
    ).toBeUndefined();
    expect(diagnosed(anObserved()).takeOver).toBeUndefined();
  });

  test('is not removed key by key, which the apply does at once', () => {
    const remade = { ...synced, vaultSecret: aVaultSecret({ uid: 'uid-2' }) };
    const [ours] = targetOf(synced).managers;
    if (ours === undefined) throw new TypeError('nobody manages the Secret');
    const before = { ...ours, dataKeys: [...ours.dataKeys, 'OLD'] };
    const managers = [before];

    expect(decide({ ...remade, target: { ...targetOf(synced), managers } }).secret).toMatchObject({
      kind: 'apply',
      takeOver: { predecessors: [fieldManagerOf('uid-1')] },
    });
  });

  test('costs no write while the Secret is as it should be', () => {
    expect(decide(withManagers(...targetOf(synced).managers, entry('uid-0'))).secret).toEqual({
      kind: 'keep',
    });
  });
});
