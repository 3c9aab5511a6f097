import { describe, expect, test } from 'vitest';
import { forbiddenSecretTypes } from '../../../src/api/forbidden.ts';
import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import { explain } from '../../../src/core/errors/errors.ts';
import { mergeFinalizer } from '../../../src/api/meta.ts';
import type { FieldManager, ObservedSecret } from '../../../src/core/observed/observed.ts';
import { typeDemand } from '../../../src/core/secret/adoption.ts';
import {
  diagnosed,
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

type VaultSecretPolicy = NonNullable<NonNullable<VaultSecretSpec['target']>['creationPolicy']>;

const synced = aSynced();
const target = targetOf(synced);
const { owner: _, ...ownerless } = target;
const { record: _record, ...unmarked } = { ...ownerless, managed: false };
/** By a VaultSecret that is not ours. */
const theirs = { ...target, managers: target.managers.map((one) => ({ ...one, name: 'theirs' })) };

/** What foreign edits left of our entry in managedFields. */
const left = (fields: Partial<FieldManager>): Pick<ObservedSecret, 'managers'> => ({
  managers: target.managers.map((one) => ({ ...one, ...fields })),
});
const bare = left({ labels: [], annotations: [] });

describe('a Secret under the name of the target', () => {
  test.each<readonly [string, ObservedSecret]>([
    ['written by us', target],
    [
      'written by a VaultSecret of our name before us',
      { ...target, ownerUids: ['uid-0'], managers: [] },
    ],
    ['restored without its managers', { ...target, managers: [aManager({ name: 'velero' })] }],
    ['whose label was taken off', { ...target, managed: false }],
    ['whose owner annotation was taken off', ownerless],
    ['whose label and annotations were taken off together', { ...unmarked, ...bare }],
    [
      'whose owner annotation was spoilt',
      { ...target, owner: 'x', ...left({ annotations: ['vaultsecret.dev/sync-record'] }) },
    ],
    [
      'of which somebody applied a value alone in our name',
      { ...unmarked, ...bare, ownerUids: [] },
    ],
    ['marked for us by its owner', anObservedSecret({ owner: 'shop/shop' })],
  ])('is ours when %s', (_name, secret) => {
    expect(diagnosed({ ...synced, target: secret }).obstacle).toBeUndefined();
  });

  test.each<readonly [string, ObservedSecret, string]>([
    ['nobody marked', anObservedSecret(), 'TargetOwnedByOther'],
    ['we let go of', { ...unmarked, managers: [] }, 'TargetOwnedByOther'],
    [
      'we merged into',
      { ...unmarked, ...bare, marks: [{ uid: 'uid-1', owner: 'shop/shop' }] },
      'TargetOwnedByOther',
    ],
    ['somebody else labelled', anObservedSecret({ managed: true }), 'TargetOwnedByOther'],
    ['another VaultSecret made', { ...theirs, owner: 'shop/other' }, 'TargetOwnedByVaultSecret'],
    ['was copied from another namespace', { ...theirs, owner: 'other/shop' }, 'TargetOwnedByOther'],
    ['has a strange owner', { ...theirs, owner: `shop/${'<b>'.repeat(9)}` }, 'TargetOwnedByOther'],
    ['has an endless owner', { ...theirs, owner: `shop/${'a'.repeat(254)}` }, 'TargetOwnedByOther'],
  ])('is not touched when %s', (_name, secret, reason) => {
    const observed = { ...synced, target: secret };
    const plan = decide(observed);

    expect(plan).toMatchObject({ secret: { kind: 'keep' }, error: { reason } });
    expect(plan.status.conditions).toMatchObject([
      { type: 'Ready', status: 'False', reason },
      { type: 'Stalled', status: 'True' },
    ]);
    expect(plan.status.conditions?.[0]?.message).toMatch(
      /set spec.target.creationPolicy to Adopt[,;]/,
    );
    expect(JSON.stringify(plan)).not.toContain('<b>');
  });

  test.each<readonly [string, VaultSecretFields]>([
    ['that we only began to take over', { status: {} }],
    ['that may hold keys that we merged', { finalizers: [mergeFinalizer] }],
    ['that we wrote under its former name', { status: { secretName: 'former' } }],
  ])('%s is not ours by an entry without our marks', (_name, { status, finalizers = [] }) => {
    const vaultSecret = { ...synced.vaultSecret, finalizers, ...(status && { status }) };

    expect(
      diagnosed({ ...synced, vaultSecret, target: { ...unmarked, ...bare } }).obstacle,
    ).toMatchObject({
      reason: 'TargetOwnedByOther',
    });
  });

  test('that may be taken over is told with all that this takes', () => {
    const error = diagnosed(anObserved({ target: anObservedSecret() })).obstacle;

    expect(error && explain(error)).toContain(
      'set spec.target.creationPolicy to Adopt; a user who may update the Secret agrees with this label: kubectl label secret shop --namespace shop vaultsecret.dev/managed=true;',
    );
  });

  test.each<readonly [VaultSecretPolicy, boolean]>([
    ['Owner', false],
    ['Orphan', true],
    ['Adopt', false],
    ['Merge', false],
    ['Merge', true],
  ])(
    'that is a credential is neither to be deleted nor labelled, by its type (%s, labelled: %s)',
    (creationPolicy, managed) => {
      const vaultSecret = aVaultSecret({ spec: { target: { creationPolicy } } });
      const secret = anObservedSecret({ managed });
      const observed = anObserved({ vaultSecret, target: secret, hasWrongType: true });

      expect(typeDemand(observed)).toEqual({ isNoneOf: forbiddenSecretTypes });
      const error = diagnosed(observed).obstacle;
      expect(error?.reason).toBe('TargetIsCredential');
      expect(error && explain(error)).not.toMatch(/kubectl|Adopt/);
    },
  );

  test('of a VaultSecret that lives is no credential, so its type is not asked for', () => {
    const other = aVaultSecret({ name: 'other', uid: 'uid-o' });
    const secret = { ...theirs, owner: 'shop/other' };

    expect(typeDemand(anObserved({ target: secret, rivals: [other] }))).toBeUndefined();
  });

  test('that another VaultSecret made names it', () => {
    const error = diagnosed({ ...synced, target: { ...theirs, owner: 'shop/other' } }).obstacle;

    expect(error && explain(error)).toContain('belongs to VaultSecret other.');
  });

  test('is waited for while it is being deleted, and told only to who never had one', () => {
    const terminating = { ...target, terminating: true };
    const waiting = decide({ ...synced, target: terminating });
    const first = decide(anObserved({ target: terminating }));

    expect(waiting).toMatchObject({
      secret: { kind: 'keep' },
      error: { reason: 'SecretTerminating' },
    });
    expect(waiting.status).toEqual(synced.vaultSecret.status);
    expect(first.status.conditions).toMatchObject([{ status: 'False' }, { type: 'Reconciling' }]);
  });

  test('is adopted again by a VaultSecret that is made anew under the same name', () => {
    const observed = anObserved({ vaultSecret: aVaultSecret({ uid: 'uid-2' }), target });

    expect(decide(observed).secret).toMatchObject({
      kind: 'apply',
      fence: { kind: 'exactly', uid: 'secret-uid', resourceVersion: '100' },
      desired: { ownerReference: { uid: 'uid-2' } },
    });
    expect(decide(observed).events).toEqual([]);
    expect(writesAfter(observed)).toEqual([]);
  });
});

describe('a spec that the schema would refuse', () => {
  const problemOf = (spec: Partial<VaultSecretSpec>) =>
    decide(anObserved({ vaultSecret: aVaultSecret({ spec }) })).error?.details['field'];
  const dataOf = (...keys: readonly string[]) =>
    keys.map((dataKey) => ({ dataKey, secret: { name: 'db-password' } }));

  test.each([
    'kubernetes.io/service-account-token',
    'bootstrap.kubernetes.io/token',
    'helm.sh/release.v1',
  ])('makes no Secret of the credential type %s', (type) => {
    expect(problemOf({ target: { type } })).toBe('spec.target.type');
  });

  test.each([
    'kubernetes.io/service-account.name',
    'app.kubernetes.io/managed-by',
    'batch.kubernetes.io/job-name',
    'node.k8s.io/x',
    'meta.helm.sh/release-name',
    'helm.sh/chart',
    'vaultsecret.dev/managed',
    'x.vaultsecret.dev/owner',
  ])('puts no %s on a Secret', (key) => {
    expect(problemOf({ target: { labels: { [key]: 'x' } } })).toBe('spec.target.labels');
    expect(problemOf({ target: { annotations: { a: 'x', [key]: 'x' } } })).toBe(
      'spec.target.annotations',
    );
  });

  test.each(['app.kubernetes.io/name', 'team', 'example.com/kubernetes.io', 'kubernetes.io'])(
    'may put the harmless %s on a Secret',
    (key) => {
      expect(problemOf({ target: { labels: { [key]: 'x' }, annotations: { [key]: 'x' } } })).toBe(
        undefined,
      );
    },
  );

  test.each([
    ['kubernetes.io/tls', ['tls.crt'], 'tls.key'],
    ['kubernetes.io/tls', ['tls.key'], 'tls.crt'],
    ['kubernetes.io/dockerconfigjson', ['config.json'], '.dockerconfigjson'],
    ['kubernetes.io/dockercfg', ['config.json'], '.dockercfg'],
    ['kubernetes.io/basic-auth', ['user'], 'username or password'],
    ['kubernetes.io/ssh-auth', ['id_rsa'], 'ssh-privatekey'],
  ])('of type %s with only the keys %s is told of %s', (type, keys, missing) => {
    const vaultSecret = aVaultSecret({ spec: { target: { type }, data: dataOf(...keys) } });
    const error = diagnosed(anObserved({ vaultSecret })).obstacle;

    expect(error && explain(error)).toContain(`must have the data key ${missing} for type ${type}`);
  });

  test.each([
    ['kubernetes.io/tls', ['tls.crt', 'tls.key', 'ca.crt']],
    ['kubernetes.io/basic-auth', ['password']],
    ['example.com/anything', ['x']],
    ['toString', ['x']],
  ])('is fine with type %s and the keys %s', (type, keys) => {
    expect(problemOf({ target: { type }, data: dataOf(...keys) })).toBeUndefined();
  });

  test.each<readonly [string, VaultSecretSpec['target']]>([
    ['type', { type: 'a/b' }],
    ['labels', { labels: {} }],
    ['annotations', { annotations: {} }],
    ['deletionPolicy', { deletionPolicy: 'Delete' }],
  ])('sets no %s for the whole Secret where it merges', (field, target) => {
    expect(problemOf({ target: { ...target, creationPolicy: 'Merge' } })).toBe(
      `spec.target.${field}`,
    );
  });

  test('that was stored by an older schema is told as it was found', () => {
    const vaultSecret = aVaultSecret({ problem: { field: 'spec.data', problem: 'is required' } });

    expect(decide(anObserved({ vaultSecret })).status.conditions?.[0]?.message).toContain(
      'The spec is not valid: spec.data is required.',
    );
  });
});

const connection = { kind: 'VaultConnection', name: 'team' } as const;

test.each<readonly [string, Partial<VaultSecretSpec>]>([
  ['neither vault nor connection', { vaultUrl: undefined }],
  ['both vault and connection', { vaultConnectionRef: connection }],
  ['a vault and nobody to read it', { serviceAccountName: undefined }],
])('a spec that was stored with %s is refused before anything is read', (_name, spec) => {
  const observed = anObserved({ vaultSecret: aVaultSecret({ spec }) });

  expect(decide(observed, {}).error).toMatchObject({
    reason: 'InvalidSpec',
    details: { field: 'spec' },
  });
});
