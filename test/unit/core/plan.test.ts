import { describe, expect, test } from 'vitest';
import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import type { Observed } from '../../../src/core/observed/observed.ts';
import { reveal } from '../../../src/core/redacted.ts';
import { nextRefresh } from '../../../src/core/diagnose/schedule.ts';
import {
  afterwards,
  aKeyVaultSecret,
  aMemory,
  anObserved,
  anObservedSecret,
  aSynced,
  aVault,
  aVaultSecret,
  decide,
  edited,
  now,
  versionOne,
  versionTwo,
  writesAfter,
  writesOf,
} from './builders.ts';

const hour = 3_600_000;
const synced = aSynced();
const due: Observed = { ...synced, memory: aMemory({ refreshAt: now }) };
const fence = { kind: 'exactly', uid: 'secret-uid', resourceVersion: '100' };
const rotated = aVault(aKeyVaultSecret({ version: versionTwo }));

describe('the first sync', () => {
  const observed = anObserved();
  const plan = decide(observed);

  test('makes the Secret, and only where there is none', () => {
    expect(plan.secret).toMatchObject({
      kind: 'apply',
      fence: { kind: 'absent' },
      desired: {
        namespace: 'shop',
        name: 'shop',
        type: 'Opaque',
        labels: { 'vaultsecret.dev/managed': 'true' },
        annotations: { 'vaultsecret.dev/owner': 'shop/shop' },
        ownerReference: { kind: 'VaultSecret', name: 'shop', uid: 'uid-1' },
      },
    });
    const value =
      plan.secret.kind === 'apply' ? plan.secret.desired.data['DB_PASSWORD'] : undefined;
    expect(value && Buffer.from(reveal(value), 'base64').toString()).toBe('p4ssw0rd');
  });

  test('ends in one status and no event', () => {
    expect(plan.status).toEqual({
      observedGeneration: 1,
      secretName: 'shop',
      syncedAt: '2026-11-25T12:00:00Z',
      sources: [{ dataKey: 'DB_PASSWORD', name: 'db-password', version: versionOne }],
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'Synced',
          message: 'Secret shop holds 1 key from https://shop-prod.vault.azure.net.',
          lastTransitionTime: '2026-11-25T12:00:00Z',
          observedGeneration: 1,
        },
      ],
    });
    expect(plan.events).toEqual([]);
  });

  test('is followed by a refresh at a phase of its own', () => {
    expect(plan.requeueAfterMs).toBe(nextRefresh(now, hour, 'uid-1') - now);
    expect(plan.memory.refreshAt).toBe(nextRefresh(now, hour, 'uid-1'));
  });

  test('shows no value when the plan is printed', () => {
    expect(JSON.stringify(plan)).not.toContain('p4ssw0rd');
    expect(JSON.stringify(plan)).not.toContain(Buffer.from('p4ssw0rd').toString('base64'));
  });

  test('says when a version expires, if Key Vault does', () => {
    const vault = aVault(aKeyVaultSecret({ expiresOn: Date.parse('2027-01-01') / 1_000 }));

    expect(decide(observed, vault).status.sources).toMatchObject([
      { expiresOn: '2027-01-01T00:00:00Z' },
    ]);
  });
});

describe('a Secret that is true', () => {
  test.each<readonly [string, Observed]>([
    ['while no refresh is due', synced],
    ['by a refresh that finds nothing new', due],
    ['by a process that starts anew', { ...synced, memory: aMemory({ verifiedAt: now }) }],
  ])('is left as it is %s', (_, observed) => {
    expect(writesOf(observed)).toEqual([]);
  });

  test('is looked at again when its refresh is due', () => {
    expect(decide(synced).requeueAfterMs).toBe(60_000);
    expect(decide(due).requeueAfterMs).toBe(nextRefresh(now, hour, 'uid-1') - now);
  });

  test('counts as verified by a refresh, and not by a mere look', () => {
    const memory = aMemory({ verifiedAt: 1, refreshAt: now, failures: 3 });

    expect(decide({ ...synced, memory }).memory).toMatchObject({ verifiedAt: now, failures: 0 });
    expect(decide({ ...synced, memory: { ...memory, refreshAt: now + 1 } }).memory).toMatchObject({
      verifiedAt: 1,
      failures: 0,
    });
  });
});

describe('a rotation', () => {
  const plan = decide(due, rotated);

  test('is written over exactly the Secret that was seen', () => {
    expect(plan.secret).toMatchObject({ kind: 'apply', fence });
    expect(plan.status).toMatchObject({
      syncedAt: '2026-11-25T12:00:00Z',
      sources: [{ version: versionTwo }],
    });
  });

  test('is told by an event', () => {
    expect(plan.events).toMatchObject([{ type: 'Normal', reason: 'SecretUpdated' }]);
  });

  test('is told by an event in the very second of the write before', () => {
    const at = Date.parse(synced.vaultSecret.status.syncedAt ?? '');
    const early = decide({ ...due, now: at, memory: aMemory({ refreshAt: at }) }, rotated);

    expect(early.events).toMatchObject([{ reason: 'SecretUpdated' }]);
  });

  test('keeps the time since when the Secret is ready', () => {
    expect(plan.status.conditions).toMatchObject([{ lastTransitionTime: '2026-11-25T11:00:00Z' }]);
  });

  test('does not move what is pinned', () => {
    const pinned = { name: 'db-password', version: versionOne };
    const vaultSecret = aVaultSecret({ spec: { data: [{ dataKey: 'A', secret: pinned }] } });
    const vault = { [`db-password/${versionOne}`]: aKeyVaultSecret() };
    const observed = { ...aSynced(vaultSecret, vault), memory: aMemory({ refreshAt: now }) };

    expect(decide(observed, vault).secret).toEqual({ kind: 'keep' });
  });
});

describe('the refresh annotation', () => {
  const asked = { ...synced, vaultSecret: { ...synced.vaultSecret, refresh: 'now' } };

  test('is answered in the status, so that it asks once', () => {
    const plan = decide(asked);

    expect(plan.secret.kind).toBe('confirm');
    expect(plan.status).toEqual({ ...synced.vaultSecret.status, observedRefresh: 'now' });
    expect(writesAfter(asked)).toEqual([]);
  });

  test('brings what is new', () => {
    expect(decide(asked, rotated).secret.kind).toBe('apply');
  });

  test('leaves the status when it is taken away', () => {
    const { vaultSecret } = synced;
    const status = { ...vaultSecret.status, observedRefresh: 'now' };

    expect(decide({ ...synced, vaultSecret: { ...vaultSecret, status } }).status).toEqual(
      vaultSecret.status,
    );
  });
});

describe('a suspended VaultSecret', () => {
  test.each<readonly [string, Observed, string]>([
    ['keeps a Secret that was synced', edited(due, { suspend: true }), 'True'],
    ['makes none that was never', edited(anObserved(), { suspend: true }), 'False'],
    [
      'repairs nothing',
      edited({ ...synced, target: anObservedSecret({ managers: [] }) }, { suspend: true }),
      'True',
    ],
  ])('%s', (_, observed, status) => {
    const plan = decide(observed, {});

    expect(plan).toMatchObject({ secret: { kind: 'keep' }, events: [] });
    expect(plan.requeueAfterMs).toBeUndefined();
    expect(plan.status).toMatchObject({
      observedGeneration: 2,
      conditions: [{ type: 'Ready', status, reason: 'Suspended' }],
    });
    expect(decide(afterwards(observed, plan), {}).status).toEqual(plan.status);
  });
});

describe('an edit of the spec', () => {
  const data: VaultSecretSpec['data'] = [
    { dataKey: 'A', secret: { name: 'db-password' } },
    { dataKey: 'B', secret: { name: 'db-password' } },
  ];

  test.each<readonly [string, Partial<VaultSecretSpec>]>([
    ['other data keys', { data }],
    ['a label', { target: { labels: { team: 'a' } } }],
    ['an annotation', { target: { annotations: { note: 'a' } } }],
    ['another policy', { target: { creationPolicy: 'Orphan' } }],
  ])('for %s is written, and blames nobody', (_, spec) => {
    const plan = decide(edited(synced, spec));

    expect(plan.secret).toMatchObject({ kind: 'apply', fence });
    expect(plan.events).toMatchObject([{ reason: 'SecretUpdated' }]);
    expect(plan.status.observedGeneration).toBe(2);
    expect(writesAfter(edited(synced, spec))).toEqual([]);
  });

  test.each<readonly [string, Partial<VaultSecretSpec>]>([
    ['the pace', { refreshInterval: '5m' }],
    ['the reader', { serviceAccountName: 'other' }],
  ])('of %s alone writes the status alone', (_, spec) => {
    const plan = decide(edited(synced, spec));

    expect(plan).toMatchObject({ secret: { kind: 'keep' }, events: [] });
    expect(plan.status.observedGeneration).toBe(2);
  });

  test('to Orphan takes the owner reference away', () => {
    const { secret } = decide(edited(synced, { target: { creationPolicy: 'Orphan' } }));

    expect(secret.kind === 'apply' && secret.desired).not.toHaveProperty('ownerReference');
  });
});
