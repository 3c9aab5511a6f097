import { describe, expect, test } from 'vitest';
import { fieldManagerOf } from '../../../src/api/meta.ts';
import type { Observed, ObservedSecret, VaultSecret } from '../../../src/core/observed/observed.ts';
import {
  afterwards,
  aManager,
  anObserved,
  aSynced,
  aVaultSecret,
  decide,
  targetOf,
  writesOf,
  type VaultSecretFields,
} from './builders.ts';

const hour = 3_600_000;
const older = aVaultSecret().createdAt - hour;
const younger = aVaultSecret().createdAt + hour;

/** VaultSecret shop/other, which wants Secret shop as well. */
function aRival(fields: VaultSecretFields = {}): VaultSecret {
  const spec = { target: { name: 'shop' }, ...fields.spec };
  return aVaultSecret({ name: 'other', uid: 'uid-other', createdAt: younger, ...fields, spec });
}

const synced = aSynced();
const withRivals = (observed: Observed, ...rivals: readonly VaultSecret[]): Observed => ({
  ...observed,
  rivals,
});
const withTarget = (fields: Partial<ObservedSecret>): Observed => ({
  ...synced,
  target: { ...targetOf(synced), ...fields },
});
const entry = (uid: string, labels: readonly string[] = []) =>
  aManager({ name: fieldManagerOf(uid), operation: 'Apply', dataKeys: ['DB_PASSWORD'], labels });

describe('of two VaultSecrets that want one Secret', () => {
  const { owner: _, ...ownerless } = targetOf(synced);
  const written = { ...ownerless, managers: [entry('uid-other')] };
  const theirs = withTarget({ owner: 'shop/other', managers: [entry('uid-other')] });
  const spoilt = withTarget({
    owner: 'shop/other',
    managers: targetOf(synced).managers.map((one) => ({ ...one, annotations: [] })),
  });

  test.each<readonly [string, Observed]>([
    ['that is not there, the younger', withRivals(anObserved(), aRival({ createdAt: older }))],
    [
      'that is not there, of two made in one second, the one of the later uid',
      withRivals(anObserved(), aRival({ uid: 'uid-0', createdAt: aVaultSecret().createdAt })),
    ],
    [
      'that is gone, the one that had not written it, though it is the older,',
      withRivals(anObserved(), aRival({ status: { secretName: 'shop' } })),
    ],
    ['whose annotation names the other', withRivals(theirs, aRival())],
    [
      'which the other wrote and somebody took the annotation off',
      withRivals({ ...synced, target: written }, aRival()),
    ],
    [
      'which the other wrote, and that is being deleted',
      withRivals(theirs, aRival({ terminating: true })),
    ],
    [
      'that the other made, when somebody put the name of this one on it,',
      withRivals(
        withTarget({ managers: [entry('uid-other', ['vaultsecret.dev/managed'])] }),
        aRival(),
      ),
    ],
  ])('%s is held back, and told who was first', (_name, observed) => {
    const plan = decide(observed);

    expect(plan.secret).toEqual({ kind: 'keep' });
    expect(plan.error).toMatchObject({
      reason: 'TargetOwnedByVaultSecret',
      details: { secret: 'shop', owner: 'other' },
    });
    expect(plan.status.conditions?.map(({ type }) => type)).toEqual(['Ready', 'Stalled']);
  });

  test.each<readonly [string, Observed]>([
    ['that is not there, the older', withRivals(anObserved(), aRival())],
    [
      'that is gone, the one that had written it, though it is the younger,',
      withRivals({ ...synced, target: undefined }, aRival({ createdAt: older })),
    ],
    [
      'that is not there, the younger while the older does not write',
      withRivals(anObserved(), aRival({ createdAt: older, spec: { suspend: true } })),
    ],
    [
      'that is not there, the younger while the spec of the older cannot be read',
      withRivals(
        anObserved(),
        aRival({ createdAt: older, problem: { field: 'spec.data', problem: 'is required' } }),
      ),
    ],
    [
      'that is not there, the younger while the older is being deleted',
      withRivals(anObserved(), aRival({ createdAt: older, terminating: true })),
    ],
    [
      'that bears its name, though it is the younger',
      withRivals(synced, aRival({ createdAt: older })),
    ],
    [
      'that bears its name, though the other got a write through',
      withRivals(
        withTarget({ managers: [...targetOf(synced).managers, entry('uid-other')] }),
        aRival(),
      ),
    ],
    ['that it wrote, when somebody put the name of the other on it,', withRivals(spoilt, aRival())],
    [
      'that both signed, the one that it names',
      withRivals(
        withTarget({
          managers: [
            ...targetOf(synced).managers,
            { ...entry('uid-other'), annotations: ['vaultsecret.dev/owner'] },
          ],
        }),
        aRival({ createdAt: older }),
      ),
    ],
  ])('%s goes on', (_name, observed) => {
    expect(decide(observed).error).toBeUndefined();
  });
});

test.each(['Owner', 'Orphan', 'Adopt'] as const)(
  'who is held back by one that lives is not advised to adopt (policy %s)',
  (creationPolicy) => {
    const target = { creationPolicy } as const;
    const vaultSecret = aVaultSecret({ createdAt: younger, spec: { target } });
    const held = withRivals(anObserved({ vaultSecret }), aRival({ createdAt: older }));
    const [ready] = decide(held).status.conditions ?? [];

    expect(ready).toMatchObject({ reason: 'TargetOwnedByVaultSecret' });
    expect(ready?.message).toMatch(/Give one of the two another spec.target.name[.]$/);
  },
);

describe('the one that goes on', () => {
  const conflictOf = (observed: Observed) =>
    decide(observed).status.conditions?.find(({ type }) => type === 'Conflict');
  const contested = withRivals(synced, aRival());

  test('says whom it holds back, in a condition and one event', () => {
    const plan = decide(contested);

    expect(plan.status.conditions).toMatchObject([
      { type: 'Ready', status: 'True' },
      {
        type: 'Conflict',
        status: 'True',
        reason: 'SharedTarget',
        message:
          'Secret shop is also the target of VaultSecret other. This one writes it. Give each another spec.target.name.',
      },
    ]);
    expect(plan.events).toMatchObject([{ type: 'Warning', reason: 'SharedTarget' }]);
    expect(writesOf(afterwards(contested, plan))).toEqual([]);
  });

  test('keeps the time of the condition when another comes, and names three at most', () => {
    const plan = decide(contested);
    const names = ['e', 'd', 'c', 'b'];
    const rivals = names.map((name) => aRival({ name, uid: name }));
    const later = { ...afterwards(contested, plan), rivals, now: contested.now + hour };

    expect(conflictOf(later)).toMatchObject({
      message: expect.stringContaining('VaultSecret b, c, d and 1 more.'),
      lastTransitionTime: plan.status.conditions?.[1]?.lastTransitionTime,
    });
  });

  test('says it also while it cannot be made true', () => {
    const problem = { field: 'spec.data', problem: 'is required' };
    const vaultSecret = { ...synced.vaultSecret, problem };

    expect(conflictOf({ ...contested, vaultSecret })).toBeDefined();
  });

  test('says nothing any more once the other wants another, or goes', () => {
    const after = afterwards(contested, decide(contested));
    const gone = aRival({ terminating: true });
    const elsewhere = aRival({ spec: { target: { name: 'x' } } });

    for (const rivals of [[], [gone], [elsewhere]]) {
      expect(decide({ ...after, rivals }).status.conditions).toMatchObject([{ type: 'Ready' }]);
      expect(writesOf({ ...after, rivals })).toEqual(['status']);
    }
  });

  test('says it in an event of at most a kilobyte', () => {
    const rivals = ['a', 'b', 'c', 'd'].map((name) =>
      aRival({ name: name.repeat(253), uid: name }),
    );
    const plan = decide(withRivals(edited(), ...rivals));

    expect(Buffer.byteLength(plan.events.at(-1)?.note ?? '')).toBeLessThanOrEqual(1_024);
  });
});

/** A synced VaultSecret of a long name. */
function edited(): Observed {
  return aSynced(aVaultSecret({ spec: { target: { name: 's'.repeat(253) } } }));
}
