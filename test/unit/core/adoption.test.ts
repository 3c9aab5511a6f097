import { describe, expect, test } from 'vitest';
import { fieldManagerOf } from '../../../src/api/meta.ts';
import type { Observed, ObservedSecret } from '../../../src/core/observed/observed.ts';
import {
  aManager,
  anObserved,
  anObservedSecret,
  aSynced,
  aVaultSecret,
  decide,
  targetOf,
} from './builders.ts';

const vaultSecret = aVaultSecret({ spec: { target: { creationPolicy: 'Adopt' } } });
const labelled = anObservedSecret({ managed: true });
const adopting = (target: ObservedSecret, fields: Partial<Observed> = {}): Observed =>
  anObserved({ vaultSecret, target, ...fields });
const rival = aVaultSecret({ name: 'other', uid: 'uid-o' });
const applied = (uid: string) =>
  aManager({ name: fieldManagerOf(uid), operation: 'Apply', dataKeys: ['A'] });

describe('a Secret that others made', () => {
  test('is taken over with all of its data, once its owner has labelled it, and told', () => {
    const plan = decide(adopting(labelled));

    expect(plan.secret).toMatchObject({
      kind: 'apply',
      fence: { kind: 'exactly', uid: 'secret-uid', resourceVersion: '100' },
      takeOver: { predecessors: [], allData: true },
    });
    expect(plan.events).toMatchObject([{ type: 'Normal', reason: 'SecretAdopted' }]);
  });

  test('is taken over from a VaultSecret that is gone', () => {
    const left = { ...labelled, owner: 'shop/other', managers: [applied('uid-o')] };

    expect(decide(adopting(left)).secret).toMatchObject({
      kind: 'apply',
      takeOver: { predecessors: [fieldManagerOf('uid-o')], allData: true },
    });
  });

  test('is only applied to when a former attempt took over and then died', () => {
    const taken = { ...labelled, managers: [aManager({ labels: ['a'] }), applied('uid-1')] };

    expect(decide(adopting(taken)).secret).toMatchObject({ kind: 'apply' });
    expect(decide(adopting(taken)).secret).not.toHaveProperty('takeOver');
  });

  test.each<readonly [string, Observed, string]>([
    ['its owner has not labelled it', adopting(anObservedSecret()), 'TargetNotLabelled'],
    ['it has another type', adopting(labelled, { hasWrongType: true }), 'TargetTypeDiffers'],
    [
      'a VaultSecret that lives owns it',
      adopting({ ...labelled, owner: 'shop/other' }, { rivals: [rival] }),
      'TargetOwnedByVaultSecret',
    ],
    [
      'a VaultSecret that lives writes to it',
      adopting({ ...labelled, managers: [applied('uid-o')] }, { rivals: [rival] }),
      'TargetOwnedByVaultSecret',
    ],
    ['it is being deleted', adopting({ ...labelled, terminating: true }), 'SecretTerminating'],
  ])('is not touched while %s', (_, observed, reason) => {
    const plan = decide(observed);

    expect(plan).toMatchObject({ secret: { kind: 'keep' }, error: { reason } });
    expect(plan.memory.lookLive).toBe(observed.target?.managed === false);
  });

  test('is told how to be labelled', () => {
    expect(decide(adopting(anObservedSecret())).status.conditions?.[0]?.message).toMatch(
      /kubectl label secret shop --namespace shop vaultsecret.dev\/managed=true$/,
    );
  });

  test.each(['Owner', 'Orphan'] as const)(
    'is not touched under the policy %s',
    (creationPolicy) => {
      const target = { creationPolicy };
      const observed = anObserved({
        vaultSecret: aVaultSecret({ spec: { target } }),
        target: labelled,
      });

      expect(decide(observed).error?.reason).toBe('TargetOwnedByOther');
    },
  );

  test('that only began to be taken over belongs to nobody when the policy changes', () => {
    const taken = { ...labelled, managers: [applied('uid-1')] };

    expect(decide(anObserved({ target: taken })).error?.reason).toBe('TargetOwnedByOther');
  });
});

describe('a VaultSecret that adopts', () => {
  test('makes the Secret where there is none, to go with it', () => {
    expect(decide(anObserved({ vaultSecret })).secret).toMatchObject({
      kind: 'apply',
      fence: { kind: 'absent' },
      desired: { ownerReference: { uid: 'uid-1' } },
    });
  });

  test('is Owner from then on: changing to that policy reads and writes nothing but the status', () => {
    const synced = aSynced(vaultSecret);
    const owner = { ...synced, vaultSecret: { ...synced.vaultSecret, spec: aVaultSecret().spec } };

    expect(decide(owner).secret).toEqual({ kind: 'keep' });
    expect(targetOf(synced).record).toBe(targetOf(aSynced()).record);
  });
});
