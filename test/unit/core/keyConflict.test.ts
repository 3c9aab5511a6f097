import { describe, expect, test } from 'vitest';
import { fieldManagerOf } from '../../../src/api/meta.ts';
import type { Observed, VaultSecret } from '../../../src/core/observed/observed.ts';
import {
  aManager,
  anObserved,
  anObservedSecret,
  aVaultSecret,
  decide,
  type VaultSecretFields,
} from './builders.ts';

const { createdAt } = aVaultSecret();
const merge = { target: { name: 'shop', creationPolicy: 'Merge' as const } };
const dataOf = (...keys: readonly string[]) =>
  keys.map((dataKey) => ({ dataKey, secret: { name: 'db-password' } }));

function aRival(keys: readonly string[], fields: VaultSecretFields = {}): VaultSecret {
  const spec = { ...merge, data: dataOf(...keys), ...fields.spec };
  return aVaultSecret({ name: 'other', uid: 'uid-2', createdAt: createdAt + 1, ...fields, spec });
}

const holds = (uid: string, ...dataKeys: readonly string[]) =>
  aManager({ name: fieldManagerOf(uid), operation: 'Apply', dataKeys });

/** VaultSecret shop/shop merges A and B into Secret shop, whose keys are held by `managers`. */
function merging(rival: VaultSecret, ...managers: ReturnType<typeof holds>[]): Observed {
  return anObserved({
    vaultSecret: aVaultSecret({ spec: { ...merge, data: dataOf('A', 'B') } }),
    target: anObservedSecret({ managed: true, managers }),
    rivals: [rival],
  });
}

describe('of two that merge into one Secret', () => {
  test.each<readonly [string, Observed]>([
    ['both go on while their keys differ', merging(aRival(['C']), holds('uid-2', 'C'))],
    ['the one that wrote a key of both goes on', merging(aRival(['A']), holds('uid-1', 'A'))],
    [
      'the older goes on where both wrote it',
      merging(aRival(['A']), holds('uid-1', 'A'), holds('uid-2', 'A')),
    ],
    ['the older goes on where none wrote it', merging(aRival(['A']))],
    [
      'the younger goes on while the older does not write',
      merging(aRival(['A'], { createdAt: 0, spec: { suspend: true } })),
    ],
    [
      'one goes on whose rival merges elsewhere',
      merging(
        aRival(['A'], { spec: { target: { ...merge.target, name: 'x' } } }),
        holds('uid-2', 'A'),
      ),
    ],
  ])('%s', (_, observed) => {
    expect(decide(observed).error).toBeUndefined();
  });

  test.each<readonly [string, Observed, string]>([
    ['the other wrote a key of both', merging(aRival(['A', 'C']), holds('uid-2', 'A', 'C')), 'A'],
    [
      'the other wrote it, and is being deleted',
      merging(aRival(['A'], { terminating: true }), holds('uid-2', 'A')),
      'A',
    ],
    [
      'both wrote it, and the other is older',
      merging(aRival(['B'], { createdAt: 0 }), holds('uid-1', 'B'), holds('uid-2', 'B')),
      'B',
    ],
    [
      'none wrote them, and the other is older',
      merging(aRival(['B', 'A'], { createdAt: 0 })),
      'A, B',
    ],
  ])('one is held back, and told whose keys they are, when %s', (_, observed, dataKeys) => {
    const plan = decide(observed);

    expect(plan).toMatchObject({
      secret: { kind: 'keep' },
      error: { reason: 'DataKeyConflict', details: { owner: 'other', dataKeys } },
    });
    expect(plan.status.conditions?.map(({ type }) => type)).toEqual(['Ready', 'Stalled']);
  });

  test('the one that goes on names the other and the keys', () => {
    const { status, events } = decide(merging(aRival(['A', 'B', 'C']), holds('uid-1', 'A', 'B')));

    expect(status.conditions?.[1]).toMatchObject({
      type: 'Conflict',
      message:
        'Secret shop is also the target of VaultSecret other (A, B). This one writes it. Give each another spec.target.name or other data keys.',
    });
    expect(events).toMatchObject([{ reason: 'SharedTarget' }]);
  });
});

describe('one that merges and one that wants the whole Secret', () => {
  const whole = (fields: VaultSecretFields) =>
    aVaultSecret({ ...fields, name: 'other', uid: 'uid-2' });
  const owner = whole({ spec: { target: { name: 'shop' } } });

  test('the one that merges is held back where the other made the Secret', () => {
    const observed = merging(owner, holds('uid-2', 'X'));
    const target = { ...anObservedSecret({ managed: true }), owner: 'shop/other' };

    expect(decide({ ...observed, target }).error?.reason).toBe('TargetOwnedByVaultSecret');
  });

  test('the one that merges goes on where somebody else made it, and says who waits', () => {
    const plan = decide(merging(owner, holds('uid-1', 'A', 'B')));

    expect(plan.error).toBeUndefined();
    expect(plan.status.conditions?.[1]?.message).toContain('of VaultSecret other. This one');
  });

  test.each([
    ['Adopt', 'TargetOwnedByVaultSecret'],
    ['Owner', 'TargetOwnedByOther'],
  ] as const)('the other is held back under the policy %s', (creationPolicy, reason) => {
    const vaultSecret = whole({ spec: { target: { name: 'shop', creationPolicy } } });
    const rivals = [aVaultSecret({ spec: merge })];
    const target = anObservedSecret({ managed: true, managers: [holds('uid-1', 'A')] });

    expect(decide(anObserved({ vaultSecret, target, rivals })).error?.reason).toBe(reason);
  });

  test('one that merged and is to adopt keeps its keys while another merges', () => {
    const vaultSecret = whole({ spec: { target: { name: 'shop', creationPolicy: 'Adopt' } } });
    const rivals = [aVaultSecret({ spec: merge })];
    const target = anObservedSecret({
      managed: true,
      marks: [{ uid: 'uid-2', owner: 'shop/other' }],
      managers: [holds('uid-1', 'A'), holds('uid-2', 'B')],
    });

    expect(decide(anObserved({ vaultSecret, target, rivals }))).toMatchObject({
      error: { reason: 'TargetOwnedByVaultSecret' },
      formerTargets: [],
      finalizer: 'add',
    });
  });

  test('the other makes the Secret where there is none, though it is younger', () => {
    const vaultSecret = whole({ createdAt: createdAt + 1, spec: { target: { name: 'shop' } } });
    const rivals = [aVaultSecret({ spec: merge })];

    expect(decide(anObserved({ vaultSecret, rivals })).secret.kind).toBe('apply');
  });
});
