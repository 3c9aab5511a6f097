import { describe, expect, test } from 'vitest';
import type { KeyVaultSecret } from '../../../src/core/source/keyVaultSecret.ts';
import { redact } from '../../../src/core/redacted.ts';
import type { Observed } from '../../../src/core/observed/observed.ts';
import { boundIdentityOf } from '../../../src/core/select/select.ts';
import {
  selected,
  aKeyVaultSecret,
  aManager,
  aMemory,
  anObserved,
  anObservedSecret,
  aSynced,
  aVault,
  aVaultSecret,
  clientId,
  edited,
  now,
  targetOf,
  tenantId,
  versionOne,
} from './builders.ts';

const synced = aSynced();
const target = targetOf(synced);
const data = [
  { dataKey: 'A', secret: { name: 'a' } },
  { dataKey: 'A2', secret: { name: 'a' }, decode: 'hex' as const },
  { dataKey: 'A1', secret: { name: 'a', version: versionOne } },
  { dataKey: 'B', secret: { name: 'b' } },
];

function withVaultSecret(observed: Observed, fields: Partial<Observed['vaultSecret']>): Observed {
  return { ...observed, vaultSecret: { ...observed.vaultSecret, ...fields } };
}

const asked = withVaultSecret(synced, { refresh: 'now' });
const refreshed = withVaultSecret(synced, {
  status: { ...synced.vaultSecret.status, observedRefresh: 'now' },
});
const answered = withVaultSecret(refreshed, { refresh: 'now' });
const notReady = withVaultSecret(synced, {
  status: { ...synced.vaultSecret.status, conditions: [] },
});
const second = now / 1_000;
/** Synced from a version with these times, an hour ago. */
const syncedFrom = (times: Partial<KeyVaultSecret>) =>
  aSynced(aVaultSecret(), aVault(aKeyVaultSecret(times)));
const pinned = aSynced(
  aVaultSecret({ spec: { data: [{ dataKey: 'A', secret: { name: 'a', version: versionOne } }] } }),
  { [`a/${versionOne}`]: aKeyVaultSecret({ name: 'a', expiresOn: second }) },
);
const suspect = {
  ...synced,
  target: {
    ...target,
    managers: [...target.managers, aManager({ stringDataKeys: ['DB_PASSWORD'] })],
  },
};

describe('Key Vault is read', () => {
  test.each<readonly [string, string, Observed]>([
    ['at the first sync', 'firstSync', anObserved()],
    [
      'when the target has another name',
      'firstSync',
      { ...edited(synced, { target: { name: 'new' } }), target: undefined },
    ],
    ['when the Secret is gone', 'secretMissing', { ...synced, target: undefined }],
    [
      'when the record is spoilt',
      'recordLost',
      { ...synced, target: { ...target, record: '{', managers: [] } },
    ],
    [
      'when the record is not one of ours to read',
      'recordUnreadable',
      { ...synced, target: { ...target, record: '{' } },
    ],
    ['when the Secret was rendered from another spec', 'specChanged', edited(synced, { data })],
    [
      'when only the pace of the spec changed',
      'specChanged',
      edited(synced, { refreshInterval: '5m' }),
    ],
    ['when the Secret was changed', 'drift', { ...synced, target: { ...target, managed: false } }],
    ['when a value may have been changed', 'drift', suspect],
    ['when a refresh is asked for', 'refreshRequested', asked],
    [
      'when another refresh is asked for',
      'refreshRequested',
      withVaultSecret(answered, { refresh: 'again' }),
    ],
    ['when the last attempt failed', 'retry', notReady],
    ['when the refresh is due', 'refreshDue', { ...synced, memory: aMemory({ refreshAt: now }) }],
    ['when its version expires', 'validityChanged', syncedFrom({ expiresOn: second })],
    [
      'when its version expired meanwhile',
      'validityChanged',
      syncedFrom({ expiresOn: second - 60 }),
    ],
    ['when a newer version becomes valid', 'validityChanged', syncedFrom({ supersededAt: second })],
    [
      'when another identity reads than before',
      'identityChanged',
      { ...synced, memory: aMemory({ identity: 'another' }) },
    ],
  ])('%s: %s', (_, reason, observed) => {
    const selection = selected(observed);

    expect(selection.reason).toBe(reason);
    expect(selection.refs.length).toBeGreaterThan(0);
  });

  test('for each object once, and for a pinned version apart', () => {
    const vaultSecret = aVaultSecret({ spec: { data } });

    expect(selected(anObserved({ vaultSecret })).refs).toEqual([
      { name: 'a' },
      { name: 'a', version: versionOne },
      { name: 'b' },
    ]);
  });
});

describe('Key Vault is left alone', () => {
  const suspended = edited(synced, { suspend: true });
  const due = aMemory({ refreshAt: now });

  test.each<readonly [string, Observed]>([
    ['while the Secret is true and no refresh is due', synced],
    [
      'while the identity is the one that read before',
      { ...synced, memory: aMemory({ identity: boundIdentityOf(selected(synced).access) }) },
    ],
    ['until its version expires', syncedFrom({ expiresOn: second + 1 })],
    ['until a newer version becomes valid', syncedFrom({ supersededAt: second + 1 })],
    ['when a pinned version expires', pinned],
    ['once the refresh that was asked for is done', answered],
    ['when the wish for a refresh is taken back', refreshed],
    ['while suspended', { ...suspended, memory: due }],
    ['while suspended and the Secret is gone', { ...suspended, target: undefined }],
    [
      'while the Secret is being deleted',
      { ...synced, memory: due, target: { ...target, terminating: true } },
    ],
    ['while the Secret belongs to somebody else', anObserved({ target: anObservedSecret() })],
    [
      'while the stored spec cannot be read',
      withVaultSecret(anObserved(), { problem: { field: 'spec', problem: 'is empty' } }),
    ],
    [
      'for a spec that asks for a credential',
      anObserved({
        vaultSecret: aVaultSecret({ spec: { target: { type: 'helm.sh/release.v1' } } }),
      }),
    ],
  ])('%s', (_, observed) => {
    expect(selected(observed)).toMatchObject({ refs: [] });
    expect(selected(observed).reason).toBeUndefined();
  });

  test('without an identity, though there would be a reason', () => {
    const selection = selected(anObserved({ serviceAccount: undefined }));

    expect(selection).toMatchObject({ reason: 'firstSync', refs: [], access: { ok: false } });
  });
});

test('the identity is that of the ServiceAccount in the namespace of the VaultSecret, and no other', () => {
  const vaultSecret = aVaultSecret({
    namespace: 'tenant-a',
    spec: { serviceAccountName: 'reader' },
  });

  expect(selected(anObserved({ vaultSecret, defaultTenantId: clientId })).access).toMatchObject({
    ok: true,
    value: {
      identity: {
        kind: 'workloadIdentity',
        namespace: 'tenant-a',
        serviceAccountName: 'reader',
        serviceAccountUid: 'sa-uid',
        clientId,
        tenantId,
      },
    },
  });
});

test('a Secret that was made from other values asks for nothing: the record tells versions only', () => {
  const other = aSynced(aVaultSecret(), aVault(aKeyVaultSecret({ value: redact('other') })));

  expect(selected(other)).toMatchObject({ refs: [] });
  expect(targetOf(other)).toEqual(target);
});
