import { describe, expect, test } from 'vitest';
import { fieldManagerOf } from '../../../src/api/meta.ts';
import type { Observed } from '../../../src/core/observed/observed.ts';
import { failed, plan } from '../../../src/core/plan/plan.ts';
import { aServicePrincipal } from '../identity/storedSecret.ts';
import {
  aKeyVaultSecret,
  aManager,
  anObserved,
  anObservedSecret,
  aSynced,
  aVaultSecret,
  diagnosed,
  now,
  selected,
  targetOf,
} from './builders.ts';
import { anError } from './someErrors.ts';

const synced = aSynced();
const target = targetOf(synced);
const rival = aVaultSecret({
  name: 'other',
  uid: 'uid-2',
  createdAt: now,
  spec: { target: { name: 'shop' } },
});
const drifted: Observed = {
  ...synced,
  target: { ...target, managers: [...target.managers, aManager({ dataKeys: ['FOREIGN'] })] },
};
const contested = (observed: Observed, agoMs: number): Observed => {
  const repairs = { count: 10, lastAt: now - agoMs, by: 'kubectl-edit' };
  return { ...observed, memory: { ...observed.memory, repairs } };
};
const shown = (observed: Observed) => diagnosed(observed).obstacle?.reason;

describe('of two obstacles the one is shown that has to go first', () => {
  const problem = { field: 'spec.data', problem: 'is missing' };
  const invalid = aVaultSecret({ problem });
  const managers = target.managers.map((one) => ({ ...one, name: fieldManagerOf('uid-2') }));
  const held: Observed = { ...synced, target: { ...target, managers }, rivals: [rival] };
  const terminating = { ...targetOf(held), terminating: true };
  const foreign = anObservedSecret({ terminating: true });

  test.each<readonly [string, Observed, string]>([
    ['an invalid spec before a rival', { ...held, vaultSecret: invalid }, 'InvalidSpec'],
    [
      'a rival before the end of its Secret',
      { ...held, target: terminating },
      'TargetOwnedByVaultSecret',
    ],
    ['the end of a Secret before its owner', anObserved({ target: foreign }), 'SecretTerminating'],
  ])('%s', (_, observed, reason) => {
    expect(shown(observed)).toBe(reason);
  });

  test('a contest before a write that was refused', () => {
    const { memory } = failed(drifted, diagnosed(drifted), anError('SecretTooLarge'));
    const refused = { ...drifted, memory };

    expect(shown(refused)).toBe('SecretTooLarge');
    expect(shown(contested(refused, 0))).toBe('SecretContested');
  });
});

test('a contest, a stored credential and a conflict are shown together, in a constant order', () => {
  const observed = { ...contested(drifted, 2_000), rivals: [rival] };
  const value = { vaultUrl: 'https://shop.vault.azure.net', identity: aServicePrincipal() };
  const diagnosis = { ...diagnosed(observed), access: { ok: true, value } as const };
  const fetched = new Map([['db-password', { ok: true, value: aKeyVaultSecret() } as const]]);

  const { conditions = [] } = plan(observed, diagnosis, selected(observed), fetched).status;

  expect(conditions[0]).toMatchObject({ type: 'Ready', reason: 'SecretContested' });
  expect(conditions.map(({ type }) => type)).toEqual([
    'Ready',
    'Stalled',
    'StoredCredential',
    'Conflict',
  ]);
});
