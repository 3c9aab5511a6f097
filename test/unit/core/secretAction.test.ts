import { describe, expect, test } from 'vitest';
import { fieldManagerOf } from '../../../src/api/meta.ts';
import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import type {
  FieldManager,
  Observed,
  ObservedSecret,
} from '../../../src/core/observed/observed.ts';
import { redact } from '../../../src/core/redacted.ts';
import {
  aKeyVaultSecret,
  aManager,
  anObserved,
  aSynced,
  aVault,
  aVaultSecret,
  decide,
  edited,
  targetOf,
  writesAfter,
} from './builders.ts';
import { anError } from './someErrors.ts';

const synced = aSynced();
const target = targetOf(synced);
const fence = { kind: 'exactly', uid: 'secret-uid', resourceVersion: '100' };

function withTarget(fields: Partial<ObservedSecret>): Observed {
  return { ...synced, target: { ...target, ...fields } };
}

describe('what somebody changed', () => {
  const [ours] = target.managers;
  if (ours === undefined) throw new TypeError('nobody manages the Secret');
  const others = (...managers: readonly FieldManager[]): Observed =>
    withTarget({ managers: [ours, ...managers] });
  const { owner: _, ...ownerless } = target;
  const predecessor = aManager({
    name: fieldManagerOf('uid-0'),
    operation: 'Apply',
    dataKeys: ['DB_PASSWORD', 'OLD'],
  });

  test.each<readonly [string, Observed]>([
    ['a value', withTarget({ managers: [{ ...ours, dataKeys: [] }] })],
    ['the label', withTarget({ managed: false })],
    ['the record', withTarget({ record: 'spoilt', managers: [{ ...ours, annotations: [] }] })],
    [
      'the owner annotation',
      { ...synced, target: { ...ownerless, managers: [{ ...ours, annotations: [] }] } },
    ],
    ['a key more', others(aManager({ dataKeys: ['X'] }))],
    ['a value as stringData', others(aManager({ stringDataKeys: ['DB_PASSWORD'] }))],
    ['a key more as stringData', others(aManager({ stringDataKeys: ['Y'] }))],
    ['all managers', withTarget({ managers: [] })],
    [
      'everything, by a restore from before we were made anew',
      withTarget({ ownerUids: ['uid-0'], managers: [predecessor] }),
    ],
  ])('is put right, and told if it was wrong indeed: %s', (_name, observed) => {
    const plan = decide(observed);

    expect(plan.secret).toMatchObject({ kind: 'apply', fence });
    expect(plan.events).toMatchObject([{ reason: 'DriftRepaired', ifChanged: true }]);
    expect(writesAfter(observed)).toEqual([]);
  });

  test('is put right by a new Secret when it is gone', () => {
    const plan = decide({ ...synced, target: undefined });

    expect(plan.secret).toMatchObject({ kind: 'apply', fence: { kind: 'absent' } });
    expect(plan.events).toMatchObject([{ reason: 'DriftRepaired' }]);
  });
});

describe('a type that changes', () => {
  const tls: Partial<VaultSecretSpec> = {
    data: [
      { dataKey: 'tls.crt', secret: { name: 'crt' } },
      { dataKey: 'tls.key', secret: { name: 'key' } },
    ],
    target: { type: 'kubernetes.io/tls' },
  };
  const vault = aVault(aKeyVaultSecret({ name: 'crt' }), aKeyVaultSecret({ name: 'key' }));

  test('replaces the Secret, which keeps the type that it was made with', () => {
    expect(decide(edited(synced, tls), vault).secret).toMatchObject({
      kind: 'replace',
      former: fence,
      desired: { name: 'shop', type: 'kubernetes.io/tls' },
    });
    expect(writesAfter(edited(synced, tls), vault)).toEqual([]);
  });

  test.each<readonly [string, Partial<VaultSecretSpec>, string]>([
    ['a value cannot be read', tls, 'KeyVaultSecretDisabled'],
    [
      'a data key of the type is missing',
      { ...tls, data: [{ dataKey: 'tls.crt', secret: { name: 'crt' } }] },
      'InvalidSpec',
    ],
    [
      'a value does not fit the type',
      {
        data: [{ dataKey: '.dockerconfigjson', secret: { name: 'crt' } }],
        target: { type: 'kubernetes.io/dockerconfigjson' },
      },
      'ValueNotDecodable',
    ],
  ])('keeps the last good Secret while %s', (_name, spec, reason) => {
    const broken = { ...vault, key: anError('KeyVaultSecretDisabled') };

    expect(decide(edited(synced, spec), broken)).toMatchObject({
      secret: { kind: 'keep' },
      error: { reason },
    });
  });

  test('is not seen when the record is lost, and then the API server has the word', () => {
    const observed = edited(withTarget({ record: 'spoilt' }), tls);

    expect(decide(observed, vault).secret.kind).toBe('apply');
  });
});

describe('a target under another name', () => {
  const renamed = edited(
    { ...synced, target: undefined, formerTargets: [target] },
    { target: { name: 'new' } },
  );
  const former = (fields: Partial<ObservedSecret>): Observed => ({
    ...renamed,
    formerTargets: [{ ...target, ...fields }],
  });

  test.each<readonly [string, Observed, 'delete' | 'release']>([
    ['deletes the Secret that goes with its VaultSecret', renamed, 'delete'],
    ['lets go of an orphan', former({ ownerUids: [] }), 'release'],
    ['lets go of what a VaultSecret before ours made', former({ ownerUids: ['uid-0'] }), 'release'],
    [
      'lets go of a copy that somebody made of ours',
      former({ managers: [aManager({ name: 'kubectl-create', dataKeys: ['DB_PASSWORD'] })] }),
      'release',
    ],
  ])('%s, under fence', (_name, observed, kind) => {
    const plan = decide(observed);

    expect(plan.secret).toMatchObject({ kind: 'apply', desired: { name: 'new' } });
    expect(plan.formerTargets).toMatchObject([{ kind, name: 'shop', fence }]);
    expect(plan.status).toMatchObject({ secretName: 'new' });
  });

  test('stays until the new Secret can be made', () => {
    const plan = decide(renamed, { 'db-password': anError('KeyVaultUnreachable') });

    expect(plan).toMatchObject({ secret: { kind: 'keep' }, formerTargets: [] });
  });

  test('goes in the next look, when the one before was cut off', () => {
    const next = { ...aSynced(aVaultSecret()), formerTargets: [{ ...target, name: 'old' }] };

    expect(decide(next)).toMatchObject({
      secret: { kind: 'keep' },
      formerTargets: [{ kind: 'delete', name: 'old' }],
    });
  });
});

describe('a Secret of the size', () => {
  const bytes = (count: number) => aVault(aKeyVaultSecret({ value: redact('x'.repeat(count)) }));

  test('that the API server takes at most is written', () => {
    expect(decide(anObserved(), bytes(1_048_576)).secret.kind).toBe('apply');
  });

  test('that the API server refuses is not sent', () => {
    expect(decide(anObserved(), bytes(1_048_577))).toMatchObject({
      secret: { kind: 'keep' },
      error: { reason: 'SecretTooLarge', details: { size: 1_048_577, limit: 1_048_576 } },
    });
  });

  test('of too many sources for one annotation is not sent', () => {
    const data = Array.from({ length: 1_000 }, (_name, i) => ({
      dataKey: `K${i}`,
      secret: { name: `${'n'.repeat(120)}${i}` },
    }));
    const vaultSecret = aVaultSecret({ spec: { data } });
    const vault = aVault(...data.map(({ secret: { name } }) => aKeyVaultSecret({ name })));

    expect(decide(anObserved({ vaultSecret }), vault).error?.details).toMatchObject({
      part: 'its sync record',
      limit: 131_072,
    });
  });
});
