import { describe, expect, test } from 'vitest';
import { graceMs } from '../../../src/core/plan/absence.ts';
import type { Observed } from '../../../src/core/observed/observed.ts';
import { aPair, both, data, empty, missing } from './absentObjects.ts';
import {
  selected,
  afterwards,
  aMemory,
  anObservedSecret,
  decide,
  edited,
  now,
  writesOf,
} from './builders.ts';
import { anError } from './someErrors.ts';

/** Synced, and due for a look after which both of its objects count as gone. */
function ripe(
  deletionPolicy: 'Merge' | 'Delete',
  creationPolicy: 'Owner' | 'Orphan' = 'Owner',
): Observed {
  const long = { forMs: graceMs, lastAt: now };
  const observed = aPair(deletionPolicy, { target: { deletionPolicy, creationPolicy } });
  return { ...observed, memory: aMemory({ missing: { a: long, b: long }, refreshAt: now }) };
}

const due = (observed: Observed, laterMs = 3_600_000): Observed => ({
  ...observed,
  now: now + laterMs,
  memory: aMemory({ refreshAt: now }),
});
const deletion = ripe('Delete');
const plan = decide(deletion, empty);
const away = afterwards(deletion, plan);

describe('the last object that goes', () => {
  test.each(['Owner', 'Orphan'] as const)(
    'takes a Secret of policy %s along, exactly the one that was seen',
    (policy) => {
      expect(decide(ripe('Delete', policy), empty).secret).toEqual({
        kind: 'delete',
        name: 'shop',
        fence: { kind: 'exactly', uid: 'secret-uid', resourceVersion: '100' },
      });
    },
  );

  test('is told by the condition, which is no failure, and by an event', () => {
    expect(plan.error).toBeUndefined();
    expect(plan.status).toEqual({
      observedGeneration: 1,
      syncedAt: '2026-11-25T12:00:00Z',
      gone: ['a', 'b'],
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'SecretDeleted',
          message:
            'Secret shop is deleted: Key Vault does not have a, b any more. It is made again when one is back.',
          lastTransitionTime: '2026-11-25T11:00:00Z',
          observedGeneration: 1,
        },
      ],
    });
    expect(plan.events).toMatchObject([
      { type: 'Normal', reason: 'SecretDeleted', action: 'Delete' },
    ]);
  });

  test('leaves an empty Secret under policy Merge', () => {
    const { secret, status } = decide(ripe('Merge'), empty);

    expect(secret).toMatchObject({ kind: 'apply', desired: { data: {} } });
    expect(status).toMatchObject({ secretName: 'shop', sources: [], gone: ['a', 'b'] });
  });
});

describe('a Secret that was deleted so', () => {
  test.each<readonly [string, Observed]>([
    ['until the next refresh', { ...away, memory: aMemory() }],
    [
      'by a process that starts anew',
      { ...away, now: now + 60_000, memory: aMemory({ refreshAt: now + 120_000 }) },
    ],
  ])('costs no read and no write %s', (_, observed) => {
    expect(selected(observed).reason).toBeUndefined();
    expect(writesOf(observed, empty)).toEqual([]);
    expect(decide(observed, empty).requeueAfterMs).toBeGreaterThan(0);
  });

  test('costs no write at a refresh that finds nothing either', () => {
    expect(selected(due(away)).reason).toBe('refreshDue');
    expect(writesOf(due(away), empty)).toEqual([]);
    expect(decide(due(away), empty).error).toBeUndefined();
  });

  test('is made again when its objects are back, by the next refresh, and nobody is blamed', () => {
    const back = decide(due(away), both);

    expect(back).toMatchObject({
      secret: { kind: 'apply', fence: { kind: 'absent' } },
      events: [
        {
          type: 'Normal',
          reason: 'SecretUpdated',
          note: 'Secret shop is there again, because its objects are.',
        },
      ],
      status: { secretName: 'shop', conditions: [{ reason: 'Synced' }] },
    });
    expect(back.status.gone).toBeUndefined();
  });

  test('is made again without what is still gone', () => {
    const back = decide(due(away), { ...both, b: missing('b') });

    expect(back).toMatchObject({ secret: { kind: 'apply' }, status: { gone: ['b'] } });
    expect(back.secret.kind === 'apply' && Object.keys(back.secret.desired.data)).toEqual(['A']);
  });

  test('is not forgotten in an outage, however long', () => {
    const unreachable = { a: anError('KeyVaultUnreachable'), b: missing('b') };
    expect(writesOf(due(away), unreachable)).toEqual([]);
    const stale = { ...due(away), memory: aMemory({ refreshAt: now, verifiedAt: 0 }) };
    const shown = decide(stale, unreachable);
    expect(shown.status.conditions).toMatchObject([
      { status: 'False', reason: 'KeyVaultUnreachable' },
      {},
    ]);

    const after = decide({ ...afterwards(stale, shown), memory: aMemory() }, empty);
    expect(after.status.conditions).toMatchObject([{ status: 'True', reason: 'SecretDeleted' }]);
    expect(after.status.syncedAt).toBe('2026-11-25T12:00:00Z');
  });

  test('is a Secret that was never made for a spec that names something else', () => {
    const other = edited(away, { data: [{ dataKey: 'A', secret: { name: 'mistyped' } }] });
    const failure = decide(other, { mistyped: missing('mistyped') });

    expect(failure.error?.reason).toBe('KeyVaultSecretNotFound');
    expect(failure.status.gone).toBeUndefined();
    const back = edited(afterwards(other, failure), { data });
    expect(decide(back, empty).error?.reason).toBe('KeyVaultSecretNotFound');
  });

  test('is a Secret that was never made from another vault', () => {
    const moved = edited(away, { vaultUrl: 'https://other.vault.azure.net' });

    expect(decide(moved, empty).error?.reason).toBe('KeyVaultSecretNotFound');
  });

  test('is not one that somebody else has put in its place', () => {
    expect(decide({ ...due(away), target: anObservedSecret() }, empty).error?.reason).toBe(
      'TargetOwnedByOther',
    );
  });
});

test('a Secret that somebody deletes while its objects are missing is not said to be gone with them before its time', () => {
  const early = { ...deletion, target: undefined, memory: aMemory() };

  expect(decide(early, empty)).toMatchObject({
    secret: { kind: 'keep' },
    error: { reason: 'KeyVaultSecretGone' },
  });
});
