import { describe, expect, test } from 'vitest';
import { fieldManagerOf } from '../../../src/api/meta.ts';
import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import { isLeftToOther } from '../../../src/core/secret/handOver.ts';
import type { Observed, ObservedSecret, VaultSecret } from '../../../src/core/observed/observed.ts';
import {
  aManager,
  anObserved,
  anObservedSecret,
  aSynced,
  aVaultSecret,
  decide,
  targetOf,
  writesAfter,
  type VaultSecretFields,
} from './builders.ts';

type Policy = NonNullable<NonNullable<VaultSecretSpec['target']>['creationPolicy']>;

/** Made Secret shop, as VaultSecret shop/other, and names Secret x now. */
const moving = (fields: VaultSecretFields = {}): VaultSecret =>
  aVaultSecret({
    name: 'other',
    uid: 'uid-other',
    generation: 2,
    ...fields,
    spec: { target: { name: 'x' }, ...fields.spec },
  });
const made = targetOf(
  aSynced(aVaultSecret({ name: 'other', uid: 'uid-other', spec: { target: { name: 'shop' } } })),
);
const taking = (fields: Partial<Observed> = {}, policy: Policy = 'Owner'): Observed =>
  anObserved({
    vaultSecret: aVaultSecret({ spec: { target: { creationPolicy: policy } } }),
    target: made,
    rivals: [moving()],
    ...fields,
  });
const wayOutOf = (observed: Observed) => decide(observed).status.conditions?.[0]?.message;

describe('a Secret whose VaultSecret names another now', () => {
  test.each<Policy>(['Owner', 'Orphan', 'Adopt'])(
    'is taken over in place by the one that names it (policy %s)',
    (policy) => {
      const observed = taking({}, policy);
      const plan = decide(observed);

      expect(plan).toMatchObject({
        secret: {
          kind: 'apply',
          fence: { kind: 'exactly', uid: made.uid, resourceVersion: made.resourceVersion },
          takeOver: { predecessors: [fieldManagerOf('uid-other')], allData: false },
          desired: { annotations: { 'vaultsecret.dev/owner': 'shop/shop' } },
        },
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      });
      expect(plan.events.map(({ reason }) => reason)).not.toContain('DriftRepaired');
      expect(writesAfter(observed)).toEqual([]);
    },
  );

  test('is replaced where its type cannot stay', () => {
    const vaultSecret = aVaultSecret({ spec: { target: { type: 'example.com/a' } } });

    expect(decide(taking({ vaultSecret })).secret).toMatchObject({
      kind: 'replace',
      former: { uid: made.uid, resourceVersion: made.resourceVersion },
    });
  });

  test('is taken by the older of two that name it', () => {
    const createdAt = aVaultSecret().createdAt - 1_000;
    const third = { name: 'third', uid: 'uid-3', spec: { target: { name: 'shop' } } };
    const older = taking({ rivals: [moving(), aVaultSecret({ ...third, createdAt })] });
    const younger = taking({
      rivals: [moving(), aVaultSecret({ ...third, createdAt: createdAt + 2_000 })],
    });

    expect(decide(older).error?.details).toMatchObject({ owner: 'third' });
    expect(decide(younger).error).toBeUndefined();
  });

  test.each<readonly [string, Observed]>([
    ['its VaultSecret is suspended', taking({ rivals: [moving({ spec: { suspend: true } })] })],
    ['its VaultSecret is being deleted', taking({ rivals: [moving({ terminating: true })] })],
    [
      'the spec of its VaultSecret cannot be read',
      taking({ rivals: [moving({ problem: { field: 'spec.data', problem: 'is required' } })] }),
    ],
    [
      'its VaultSecret names it after all',
      taking({ rivals: [moving({ spec: { target: { name: 'shop' } } })] }),
    ],
    ['the label was taken off it', taking({ target: { ...made, managed: false } })],
    [
      'it is only a copy with all marks',
      taking({ target: { ...made, managers: [aManager({ dataKeys: ['DB_PASSWORD'] })] } }),
    ],
    ['keys are to be merged into it', taking({}, 'Merge')],
  ])('stays as it is while %s', (_, observed) => {
    expect(decide(observed)).toMatchObject({
      secret: { kind: 'keep' },
      error: { reason: 'TargetOwnedByVaultSecret', details: { owner: 'other' } },
    });
  });

  test('says what ends the wait while its VaultSecret is suspended', () => {
    const message = wayOutOf(taking({ rivals: [moving({ spec: { suspend: true } })] }));

    expect(message).toContain('hands this one over as soon as it is not suspended.');
    expect(message).toContain('the two wait for each other: a third name in spec.target.name');
    expect(message).not.toContain('Adopt');
  });

  test('is taken up again where a crash left it between the two writes', () => {
    const begun: ObservedSecret = {
      ...made,
      managers: made.managers.map((one) => ({ ...one, name: fieldManagerOf('uid-1') })),
    };
    const plan = decide(taking({ target: begun }));

    expect(plan.secret).toMatchObject({ kind: 'apply' });
    expect(plan.secret).not.toHaveProperty('takeOver');
  });
});

describe('the former Secret of a VaultSecret', () => {
  const former = { ...made, name: 'shop' };
  const vaultSecret = moving();
  const heir = aVaultSecret();
  const left = (fields: Partial<ObservedSecret>, ...heirs: readonly VaultSecret[]) =>
    isLeftToOther({ ...former, ...fields }, { vaultSecret, heirs });
  const synced = aSynced(moving());
  const writesWith = (...heirs: readonly VaultSecret[]) =>
    decide({ ...synced, formerTargets: [former], heirs }).formerTargets.map(({ kind }) => kind);

  test('is left to the one that names it, and deleted where none does', () => {
    expect(writesWith(heir)).toEqual([]);
    expect(writesWith()).toEqual(['delete']);
  });

  test('is not touched any more once the other has begun to take it over', () => {
    const entry = aManager({ name: fieldManagerOf(heir.uid), operation: 'Apply' });

    expect(left({ managers: [entry] }, heir)).toBe(true);
  });

  test.each<readonly [string, VaultSecret]>([
    ['suspended', aVaultSecret({ spec: { suspend: true } })],
    ['being deleted', aVaultSecret({ terminating: true })],
    ['not to be read', aVaultSecret({ problem: { field: 'spec', problem: 'is required' } })],
    ['one that only merges', aVaultSecret({ spec: { target: { creationPolicy: 'Merge' } } })],
  ])('is deleted while the other is %s', (_, one) => {
    expect(writesWith(one)).toEqual(['delete']);
  });

  test('is let go of when it is only a copy, whoever names it', () => {
    const copy = anObservedSecret({ owner: 'shop/other', managed: true });
    const { formerTargets } = decide({ ...synced, formerTargets: [copy], heirs: [heir] });

    expect(formerTargets).toMatchObject([{ kind: 'release' }]);
  });
});
