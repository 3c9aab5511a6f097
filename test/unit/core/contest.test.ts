import { describe, expect, test } from 'vitest';
import type { Observed, Repairs } from '../../../src/core/observed/observed.ts';
import {
  aManager,
  aMemory,
  anObserved,
  anObservedSecret,
  aSynced,
  aVaultSecret,
  decide,
  edited,
  now,
  targetOf,
} from './builders.ts';
import { anError } from './someErrors.ts';

const synced = aSynced();
const target = targetOf(synced);
const second = 1_000;
const minute = 60_000;

/** Put right so often, the last time so long ago. */
const repairs = (count: number, agoMs: number): Repairs => ({
  count,
  lastAt: now - agoMs,
  by: 'argocd',
});
const after = (count: number, agoMs: number, observed: Observed = synced): Observed => ({
  ...observed,
  memory: aMemory({ repairs: repairs(count, agoMs) }),
});
const changed: Observed = {
  ...synced,
  target: {
    ...target,
    managers: [...target.managers, aManager({ name: 'kubectl-edit', dataKeys: ['X'] })],
  },
};
const suspected: Observed = {
  ...synced,
  target: {
    ...target,
    managers: [...target.managers, aManager({ stringDataKeys: ['DB_PASSWORD'] })],
  },
};
const deleted: Observed = { ...synced, target: undefined };
const stripped: Observed = { ...synced, target: { ...target, record: 'spoilt' } };

describe('a repair', () => {
  test.each<readonly [string, Observed]>([
    ['a change', changed],
    ['a change that is only suspected', suspected],
    ['a deletion', deleted],
    ['a lost record', stripped],
  ])('of %s is made at once and counted, ten times in a row', (_, observed) => {
    expect(decide(observed).repairs).toMatchObject({ count: 1, lastAt: now });
    const tenth = decide(after(9, second, observed));

    expect(tenth.secret.kind).toBe('apply');
    expect(tenth.repairs).toMatchObject({ count: 10, lastAt: now });
    expect(tenth.status.conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
  });

  test.each([
    [10, second],
    [11, 2 * second],
    [18, 256 * second],
    [19, 300 * second],
    [2_000, 300 * second],
  ])('after %i others waits, but no longer than five minutes: %i ms', (count, delayMs) => {
    const early = decide(after(count, delayMs - 1, changed));
    const due = decide(after(count, delayMs, changed));

    expect(early).toMatchObject({
      secret: { kind: 'keep' },
      error: { reason: 'SecretContested', details: { manager: 'argocd' } },
    });
    expect(early.error?.retryAfterMs).toBeGreaterThan(0);
    expect(due.secret.kind).toBe('apply');
    expect(due.repairs?.count).toBe(count + 1);
  });

  test.each<readonly [string, Observed]>([
    ['a change that is only suspected', suspected],
    ['a deletion', deleted],
    ['a lost record', stripped],
  ])('of %s waits as well', (_, observed) => {
    expect(decide(after(10, 0, observed)).error?.reason).toBe('SecretContested');
  });

  test('is tried when it is due, and read for not before', () => {
    const early = decide(after(12, second, changed), { 'db-password': anError('InternalError') });

    expect(early.error?.reason).toBe('SecretContested');
    expect(early.error?.retryAfterMs).toBeLessThanOrEqual(3 * second);
  });

  test('begins a new row after ten minutes of calm', () => {
    const plan = decide(after(99, 10 * minute, changed));

    expect(plan.error).toBeUndefined();
    expect(plan.repairs).toEqual({ count: 1, lastAt: now, by: 'kubectl-edit' });
  });

  test.each<readonly [string, Observed]>([
    ['edits the spec', edited(after(99, 0, changed), { refreshInterval: '2h' })],
    [
      'asks for a refresh',
      { ...after(99, 0, changed), vaultSecret: { ...synced.vaultSecret, refresh: '1' } },
    ],
  ])('waits for nothing when somebody %s', (_, observed) => {
    const plan = decide(observed);

    expect(plan.repairs?.count).toBe(1);
    expect(plan.status.conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
  });
});

describe('while somebody undoes each repair', () => {
  test('the status says who, with the command that shows it, and one event tells it', () => {
    const plan = decide(after(10, 0, changed));
    const ready = plan.status.conditions?.[0];

    expect(ready).toMatchObject({ type: 'Ready', status: 'False', reason: 'SecretContested' });
    expect(ready?.message).toMatch(/last by field manager argocd[.].*kubectl get secret shop /);
    expect(plan.events).toMatchObject([{ type: 'Warning', reason: 'SecretContested' }]);
  });

  test('it stays the same through the repairs, and the calm after them', () => {
    const first = decide(after(10, 0, changed));
    const vaultSecret = { ...synced.vaultSecret, status: first.status };
    const repaired = decide(after(10, second, { ...changed, vaultSecret }));
    const calm = decide(after(11, 9 * minute, { ...synced, vaultSecret }));

    expect(repaired.secret.kind).toBe('apply');
    expect([repaired.status, calm.status]).toEqual([first.status, first.status]);
    expect(calm).toMatchObject({ events: [], requeueAfterMs: minute });
    expect(repaired.events).toMatchObject([{ reason: 'DriftRepaired' }]);
  });

  test('it ends ten minutes after the last repair', () => {
    const { status } = decide(after(10, 0, changed));
    const contested = { ...synced, vaultSecret: { ...synced.vaultSecret, status } };
    const over = decide(after(11, 10 * minute, contested));

    expect(over.status.conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
    expect(over.memory.repairs).toBeUndefined();
  });

  test('what Key Vault does not give is told instead', () => {
    const due = after(10, minute, changed);

    expect(decide(due, { 'db-password': anError('KeyVaultForbidden') }).error?.reason).toBe(
      'KeyVaultForbidden',
    );
  });

  test('a VaultSecret that is suspended says only that', () => {
    const observed = edited(after(10, 0, changed), { suspend: true });
    const vaultSecret = {
      ...observed.vaultSecret,
      status: { ...synced.vaultSecret.status, observedGeneration: 2 },
    };

    expect(decide({ ...observed, vaultSecret }).status.conditions).toMatchObject([
      { reason: 'Suspended' },
    ]);
  });
});

describe('who wrote last', () => {
  const by = (name: string, time = '2026-11-25T11:30:00Z') =>
    aManager({ name, time, dataKeys: ['X'] });

  test.each([
    ['the other that wrote last', [by('argo', '2026-11-25T11:40:00Z'), by('kubectl')], 'argo'],
    ['unknown when it bears a strange name', [by('<b>'.repeat(9))], 'unknown'],
    ['unknown when there is no other', [], 'unknown'],
  ])('is %s', (_, others, expected) => {
    const managers = [...target.managers, ...others];
    const observed = { ...synced, target: { ...target, managed: false, managers } };

    expect(decide(observed).repairs?.by).toBe(expected);
  });

  test('is remembered when the Secret is gone', () => {
    expect(decide(after(3, second, deleted)).repairs?.by).toBe('argocd');
  });
});

test('a first sync and a change of the source count as no repair', () => {
  const orphan = anObserved({
    vaultSecret: aVaultSecret(),
    target: anObservedSecret({ owner: 'shop/shop' }),
  });
  const due = { ...synced, memory: aMemory({ refreshAt: now }) };

  for (const observed of [anObserved(), orphan, due])
    expect(decide(observed).repairs).toBeUndefined();
});
