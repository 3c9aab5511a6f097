import { describe, expect, test } from 'vitest';
import type { LendSpec } from '../../../src/api/vaultConnection.ts';
import {
  selected,
  aKeyVaultSecret,
  anObserved,
  aSynced,
  aToken,
  aVaultSecret,
  clientId,
  decide,
  edited,
  now,
  tenantId,
  writesOf,
  type Vault,
} from './builders.ts';
import { aClusterConnection, granted } from './connections.ts';

const scope = 'https://management.azure.com/.default';
const key = 'accessToken:arm';
const ref = { resource: 'arm' };
const token = { dataKey: 'ARM', accessToken: { resource: 'arm' } };
const secret = { dataKey: 'DB_PASSWORD', secret: { name: 'db-password' } };
const minute = 60_000;

const vaultAt = (obtainedAt: number): Vault => ({
  'db-password': aKeyVaultSecret(),
  [key]: aToken(obtainedAt),
});
const writtenAt = Date.parse('2026-11-25T11:00:00Z');
const both = aVaultSecret({ spec: { data: [secret, token] } });

describe('an access token in a Secret', () => {
  test('is asked for beside what is read from Key Vault', () => {
    const { refs } = selected(anObserved({ vaultSecret: both }));
    expect(refs).toEqual([{ name: 'db-password' }, ref]);
  });

  test('is due when two thirds of its life have passed, whatever the refresh interval', () => {
    const synced = { ...aSynced(both, vaultAt(writtenAt)), now: writtenAt + 39 * minute };
    expect(decide(synced, vaultAt(writtenAt)).requeueAfterMs).toBe(minute);
    expect(selected({ ...synced, now: writtenAt + 40 * minute }).reason).toBe('validityChanged');
  });

  test('is renewed without an event, and the Secret told to have changed', () => {
    const synced = { ...aSynced(both, vaultAt(writtenAt)), now: writtenAt + 40 * minute };
    const { status } = decide(synced, vaultAt(synced.now));
    expect(writesOf(synced, vaultAt(synced.now))).toEqual(['Secret: apply', 'status']);
    expect(status.syncedAt).toBe('2026-11-25T11:40:00Z');
    expect(status.sources?.[1]).toEqual({
      dataKey: 'ARM',
      name: 'arm',
      version: '2026-11-25T12:40:00Z',
      expiresOn: '2026-11-25T12:40:00Z',
    });
  });

  test('needs no vault', () => {
    const { vaultUrl: _, ...spec } = aVaultSecret({ spec: { data: [token] } }).spec;
    const observed = anObserved({ vaultSecret: { ...both, spec } });
    expect(selected(observed)).toMatchObject({ access: { ok: true }, refs: [ref] });
  });

  test('without a vault is said to come from Microsoft Entra ID', () => {
    const { vaultUrl: _, ...spec } = aVaultSecret({ spec: { data: [token] } }).spec;
    const { status } = decide(anObserved({ vaultSecret: { ...both, spec } }), vaultAt(now));
    expect(status.conditions?.[0]?.message).toBe(
      'Secret shop holds 1 key from Microsoft Entra ID.',
    );
  });

  test('of another resource is another token', () => {
    const synced = aSynced(both, vaultAt(now));
    const data = [secret, { ...token, accessToken: { resource: 'sql' } }];
    expect(selected(edited(synced, { data })).reason).toBe('specChanged');
  });
});

describe('through a lent identity', () => {
  const lentBy = (lend: Partial<LendSpec>) => {
    const { lend: lending } = aClusterConnection().spec;
    if (lending === undefined) throw new TypeError('it lends nothing');
    const { vaultUrl: _, serviceAccountName: __, ...spec } = both.spec;
    const vaultConnectionRef = { kind: 'ClusterVaultConnection', name: 'platform' } as const;
    return anObserved({
      vaultSecret: { ...both, spec: { ...spec, vaultConnectionRef, data: [token] } },
      connection: granted(aClusterConnection({ lend: { ...lending, ...lend } })),
      controllerIdentity: { clientId },
      defaultTenantId: tenantId,
    });
  };

  test.each<readonly [string, Partial<LendSpec>]>([
    ['unless the administrator says so', {}],
    ['for another resource than the one that is', { allowTokens: ['sql'] }],
  ])('an access token is not lent %s, and nothing is asked', (_, lend) => {
    const { access, refs } = selected(lentBy(lend));
    expect(access).toMatchObject({ ok: false, error: { reason: 'TokenNotLent' } });
    expect(refs).toEqual([]);
  });

  test.each([['arm'], [scope]])('an access token is lent by the name %s', (resource) => {
    expect(selected(lentBy({ allowTokens: [resource] })).access.ok).toBe(true);
  });
});
