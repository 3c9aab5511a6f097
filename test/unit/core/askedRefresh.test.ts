import { describe, expect, test } from 'vitest';
import type { Observed, SyncMemory, VaultSecret } from '../../../src/core/observed/observed.ts';
import { afterwards, aMemory, aSynced, aVaultSecret, decide, now, writesOf } from './builders.ts';
import { anError } from './someErrors.ts';

const synced = aSynced();
const withVaultSecret = (observed: Observed, fields: Partial<VaultSecret>): Observed => ({
  ...observed,
  vaultSecret: { ...observed.vaultSecret, ...fields },
});
const asked = withVaultSecret(synced, { refresh: 'one' });
const throttled = { 'db-password': anError('KeyVaultThrottled') };
const unreachable = { 'db-password': anError('KeyVaultUnreachable') };
const after = (observed: Observed, vault = throttled, memory: Partial<SyncMemory> = {}) => ({
  ...afterwards(observed, decide(observed, vault)),
  memory: aMemory(memory),
});

describe('a refresh that was asked for and fails for now', () => {
  test('is shown at once, by an event too, while the Secret stays Ready', () => {
    const plan = decide(asked, throttled);

    expect(plan.secret).toEqual({ kind: 'keep' });
    expect(plan.status.conditions).toMatchObject([
      { type: 'Ready', status: 'True', reason: 'Synced' },
      { type: 'Reconciling', status: 'True', reason: 'KeyVaultThrottled' },
    ]);
    expect(plan.status.conditions?.[1]?.message).toMatch(
      /^The refresh that was asked for is not done yet[.] VS304: /,
    );
    expect(plan.status.observedRefresh).toBeUndefined();
    expect(plan.events).toMatchObject([{ type: 'Warning', reason: 'KeyVaultThrottled' }]);
  });

  test('is written once for each reason, however often it fails and is asked for', () => {
    const failing = after(asked);

    expect(writesOf(failing, throttled)).toEqual([]);
    expect(writesOf(withVaultSecret(failing, { refresh: 'two' }), throttled)).toEqual([]);
    expect(writesOf(failing, unreachable)).toEqual(['status', 'event KeyVaultUnreachable']);
    expect(writesOf(after(failing, unreachable), unreachable)).toEqual([]);
  });

  test('is done once it succeeds', () => {
    const { status } = decide(after(asked));

    expect(status.conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
    expect(status.conditions).toHaveLength(1);
    expect(status.observedRefresh).toBe('one');
  });

  test.each<readonly [string, Partial<SyncMemory>]>([
    ['at rest', {}],
    ['at a refresh that is due and fails as well', { refreshAt: now }],
  ])('is shown no longer once the annotation is gone: %s', (_, memory) => {
    const { refresh: _refresh, ...vaultSecret } = after(asked).vaultSecret;
    const { status } = decide({ ...synced, vaultSecret, memory: aMemory(memory) }, throttled);

    expect(status).toEqual(synced.vaultSecret.status);
  });

  test('gives way to a failure that somebody must end', () => {
    const { status } = decide(after(asked), { 'db-password': anError('KeyVaultForbidden') });

    expect(status.conditions).toMatchObject([
      { type: 'Ready', status: 'False' },
      { type: 'Stalled', status: 'True', reason: 'KeyVaultForbidden' },
    ]);
    expect(status.conditions).toHaveLength(2);
  });

  test('leaves the warnings about a stored credential and a conflict where they are', () => {
    const warning = {
      type: 'Warned',
      status: 'True',
      reason: 'Why',
      message: 'what',
      lastTransitionTime: '2026-11-25T11:00:00Z',
      observedGeneration: 1,
    } as const;
    const { status } = asked.vaultSecret;
    const conditions = [...(status.conditions ?? []), warning];
    const plan = decide(withVaultSecret(asked, { status: { ...status, conditions } }), throttled);

    expect(plan.status.conditions?.map(({ type }) => type)).toEqual([
      'Ready',
      'Reconciling',
      'Warned',
    ]);
  });
});

test('a refresh that no annotation asked for hides what passes without help', () => {
  const due = { ...synced, memory: aMemory({ refreshAt: now }) };

  expect(writesOf(due, throttled)).toEqual([]);
});

test('a VaultSecret that never synced shows the same with and without the annotation', () => {
  const fresh = { ...synced, target: undefined, vaultSecret: aVaultSecret({ refresh: 'one' }) };

  expect(decide(fresh, throttled).status.conditions).toMatchObject([
    { type: 'Ready', status: 'False', reason: 'KeyVaultThrottled' },
    { type: 'Reconciling', status: 'True' },
  ]);
});
