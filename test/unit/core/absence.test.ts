import { describe, expect, test } from 'vitest';
import { graceMs } from '../../../src/core/plan/absence.ts';
import { explain, ReconcileError } from '../../../src/core/errors/errors.ts';
import { objectDetails, refKey } from '../../../src/core/source/keyVaultSecret.ts';
import type { Observed } from '../../../src/core/observed/observed.ts';
import {
  aPair,
  both,
  data,
  empty,
  keysOf,
  looks,
  missing,
  withoutB,
  type Policy,
} from './absentObjects.ts';
import {
  afterwards,
  aKeyVaultSecret,
  aMemory,
  anObserved,
  aSynced,
  aVaultSecret,
  decide,
  edited,
  now,
  versionOne,
  type Vault,
} from './builders.ts';
import { anError } from './someErrors.ts';

const messageOf = (observed: Observed, vault: Vault) => explainOf(decide(observed, vault).error);
const explainOf = (error: ReconcileError | undefined) =>
  error === undefined ? '' : explain(error);

describe('an object that is missing', () => {
  test.each([
    ['its version was pinned', 'KeyVaultVersionNotFound', { version: versionOne }],
    ['it can be recovered', 'KeyVaultSecretDeleted', {}],
  ] as const)('is so too when %s', (_, reason, pin) => {
    const secret = { name: 'db-password', ...pin };
    const spec = { data: [{ dataKey: 'A', secret }] };
    const synced = aSynced(
      aVaultSecret({ spec: { ...spec, target: { deletionPolicy: 'Delete' } } }),
      { [refKey(secret)]: aKeyVaultSecret() },
    );
    const due = { ...synced, memory: aMemory({ refreshAt: now }) };
    const names = objectDetails('https://shop-prod.vault.azure.net', secret);
    const details = { ...names, purgeDate: '2027-02-23T12:00:00Z' };
    const gone = { [refKey(secret)]: new ReconcileError(reason, { details }) };

    expect(messageOf(due, gone)).toContain('Secret shop is deleted');
    expect(looks(due, [0, gone], [graceMs, gone]).plan.secret).toMatchObject({ kind: 'delete' });
  });

  test.each<[string, Observed]>([
    [
      'at the first sync',
      anObserved({ vaultSecret: aVaultSecret({ spec: aPair('Delete').vaultSecret.spec }) }),
    ],
    [
      'after its name was changed',
      edited(aPair('Delete'), { data: [...data, { dataKey: 'C', secret: { name: 'c' } }] }),
    ],
    [
      'in another vault than before',
      edited(aPair('Delete'), { vaultUrl: 'https://other.vault.azure.net' }),
    ],
  ])('%s is a wrong name, and never gone', (_, observed) => {
    const vault = { ...empty, c: missing('c') };
    const { plan } = looks(observed, [0, vault], [2 * graceMs, vault]);

    expect(plan.secret).toEqual({ kind: 'keep' });
    expect(plan.error?.reason).toMatch(/^KeyVaultSecret(NotFound|Gone)$/);
  });

  test.each<[Policy, Vault, string]>([
    ['Retain', withoutB, 'does not have secret b any more: Secret shop keeps the last value.'],
    ['Retain', empty, 'does not have secret a any more: Secret shop keeps the last value.'],
    [
      'Merge',
      withoutB,
      'unless it is back by 2026-11-25T12:10:00Z, its data leave Secret shop (deletionPolicy Merge).',
    ],
    [
      'Merge',
      empty,
      'unless it is back by 2026-11-25T12:10:00Z, its data leave Secret shop (deletionPolicy Merge).',
    ],
    [
      'Delete',
      withoutB,
      'unless it is back by 2026-11-25T12:10:00Z, its data leave Secret shop (deletionPolicy Delete).',
    ],
    [
      'Delete',
      empty,
      'unless it is back by 2026-11-25T12:10:00Z, Secret shop is deleted (deletionPolicy Delete).',
    ],
  ])(
    'with policy %s leaves the Secret for now, and says what will come: %#',
    (policy, vault, text) => {
      const plan = decide(aPair(policy), vault);

      expect(plan).toMatchObject({
        secret: { kind: 'keep' },
        error: { reason: 'KeyVaultSecretGone' },
      });
      expect(explainOf(plan.error)).toContain(text);
      expect(explainOf(plan.error)).toContain(
        'Key Vault shows none to recover. To make it again run: az keyvault secret set --vault-name shop-prod',
      );
      expect(plan.events).toMatchObject([{ type: 'Warning', reason: 'KeyVaultSecretGone' }]);
      expect(plan.status.conditions).toMatchObject([
        { type: 'Ready', status: 'False' },
        { type: 'Stalled' },
      ]);
    },
  );

  test('is told in the same words until something changes', () => {
    const { plan, before } = looks(aPair('Delete'), [0, withoutB], [60_000, withoutB]);

    expect(plan.status).toEqual(before.vaultSecret.status);
    expect(plan.events).toEqual([]);
  });

  test('is looked at in the moment in which its time is over, and often before', () => {
    const { before } = looks(aPair('Merge'), [0, withoutB], [graceMs - 7_000, withoutB]);
    const retryMs = (failures: number) =>
      decide({ ...before, memory: { ...before.memory, failures } }, withoutB).error?.retryAfterMs;

    expect(retryMs(20)).toBe(7_000);
    expect(retryMs(0)).toBeLessThanOrEqual(1_000);
  });
});

describe('an object counts as gone', () => {
  const keeps: readonly [string, Parameters<typeof looks>[1][]][] = [
    ['not by one answer', [[0, withoutB]]],
    [
      'not before its time is over',
      [
        [0, withoutB],
        [graceMs - 1, withoutB],
      ],
    ],
    [
      'not when it was there in between',
      [
        [0, withoutB],
        [300_000, both],
        [graceMs, withoutB],
      ],
    ],
    [
      'not by a failure that proves nothing',
      [
        [0, withoutB],
        [graceMs, { ...both, b: anError('KeyVaultUnreachable') }],
      ],
    ],
    [
      'not by a refusal',
      [
        [0, withoutB],
        [graceMs, { ...both, b: anError('KeyVaultForbidden') }],
      ],
    ],
    [
      'not by an older version that was to stand in for it',
      [
        [0, withoutB],
        [graceMs, { ...both, b: missing('b/0123') }],
      ],
    ],
  ];
  test.each(keeps)('%s', (_, answers) => {
    for (const policy of ['Merge', 'Delete'] as const) {
      const { plan, after } = looks(aPair(policy), ...answers);
      expect(plan.secret.kind).toBe('keep');
      expect(keysOf(after)).toEqual(['A', 'B']);
    }
  });

  test('not when a process starts anew, which begins to count again', () => {
    const { after } = looks(aPair('Delete'), [0, withoutB]);
    const restarted = { ...after, now: now + graceMs, memory: aMemory() };

    expect(decide(restarted, withoutB)).toMatchObject({
      secret: { kind: 'keep' },
      memory: { missing: { b: { forMs: 0, lastAt: now + graceMs } } },
    });
  });

  test.each<readonly [string, Parameters<typeof looks>[1][]]>([
    [
      'at every look',
      [
        [0, withoutB],
        [graceMs, withoutB],
      ],
    ],
    [
      'whatever else failed in between',
      [
        [0, withoutB],
        [45_000, { ...both, b: anError('KeyVaultThrottled') }],
        [60_000, withoutB],
        [graceMs, withoutB],
      ],
    ],
    [
      'even when its first failure was another',
      [
        [0, { ...both, b: anError('KeyVaultFailed') }],
        [45_000, withoutB],
        [45_000 + graceMs, withoutB],
      ],
    ],
  ])('when it was missing %s', (_, answers) => {
    expect(keysOf(looks(aPair('Merge'), ...answers).after)).toEqual(['A']);
  });

  test('under policy Retain never', () => {
    const { plan } = looks(aPair('Retain'), [0, empty], [10 * graceMs, empty]);

    expect(plan.secret).toEqual({ kind: 'keep' });
  });
});

describe('the time that an object was missing', () => {
  const look = (observed: Observed, atMs: number, vault: Vault) => {
    const at = { ...observed, now: atMs, memory: { ...observed.memory, refreshAt: 0 } };
    const plan = decide(at, vault);
    return { plan, after: afterwards(at, plan) };
  };

  test.each([
    ['set ahead by a day', 86_400_000],
    ['set ahead by ten minutes and a second', 601_000],
    ['set back by a day', -86_400_000],
  ])('does not pass when the clock is %s, and takes ten answers more', (_, stepMs) => {
    let { after } = look(aPair('Delete'), now, empty);
    for (let tries = 2; tries <= 10; tries += 1) {
      const next = look(after, now + stepMs + tries * 45_000, empty);
      expect(next.plan).toMatchObject({
        secret: { kind: 'keep' },
        error: { reason: 'KeyVaultSecretGone' },
      });
      ({ after } = next);
    }
  });

  test('counts a minute at most of an outage, and the condition then names a later moment', () => {
    const { after } = looks(aPair('Merge'), [0, withoutB], [45_000, both]);
    const missingAgain = look(after, now + 60_000, withoutB).after;
    const unasked = decide({ ...missingAgain, now: now + 70_000, serviceAccount: undefined });
    expect(unasked.error?.reason).toBe('ServiceAccountNotFound');
    expect(unasked.memory.missing).toEqual({ b: { forMs: 0, lastAt: now + 60_000 } });

    const { plan } = look({ ...missingAgain, memory: unasked.memory }, now + 3_600_000, withoutB);
    expect(plan.memory.missing).toEqual({ b: { forMs: 60_000, lastAt: now + 3_600_000 } });
    expect(explainOf(plan.error)).toContain('unless it is back by 2026-11-25T13:09:00Z');
  });

  test('takes looks that are 45 seconds apart at most', () => {
    const { before } = looks(aPair('Merge'), [0, withoutB], [300_000, withoutB]);
    const memory = { ...before.memory, failures: 20 };

    expect(decide({ ...before, memory }, withoutB).error?.retryAfterMs).toBe(45_000);
  });
});

test('a type that does not go without a data key keeps it', () => {
  const tls = [
    { dataKey: 'tls.crt', secret: { name: 'a' } },
    { dataKey: 'tls.key', secret: { name: 'b' } },
  ];
  for (const policy of ['Merge', 'Delete'] as const) {
    const observed = aPair(policy, {
      data: tls,
      target: { type: 'kubernetes.io/tls', deletionPolicy: policy },
    });
    const { plan } = looks(observed, [0, withoutB], [2 * graceMs, withoutB]);
    expect(plan.secret).toEqual({ kind: 'keep' });
    expect(messageOf(observed, withoutB)).toContain(
      'Secret shop keeps the last value, because type kubernetes.io/tls needs it.',
    );
  }
});
