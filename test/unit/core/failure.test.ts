import { describe, expect, test } from 'vitest';
import {
  errorCatalogue,
  isDefinite,
  type ErrorReason,
} from '../../../src/core/errors/errorCatalogue.ts';
import { explain, ReconcileError } from '../../../src/core/errors/errors.ts';
import type { Observed } from '../../../src/core/observed/observed.ts';
import { failed } from '../../../src/core/plan/plan.ts';
import { isNotFound } from '../../../src/core/errors/keyVaultErrors.ts';
import { redact } from '../../../src/core/redacted.ts';
import {
  diagnosed,
  afterwards,
  aKeyVaultSecret,
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

const hour = 3_600_000;
/** What a read can come to. That an object is not there says something else once it was: absence.test.ts. */
const reasons = (Object.keys(errorCatalogue) as readonly ErrorReason[]).filter(
  (reason) => !isNotFound(reason),
);
const definite = reasons.filter(isDefinite);
const transient = reasons.filter((reason) => !isDefinite(reason));

const synced = aSynced();
const due: Observed = { ...synced, memory: aMemory({ refreshAt: now }) };
const staleAt = (ageMs: number): Observed => ({
  ...due,
  memory: aMemory({ refreshAt: now, verifiedAt: now - ageMs }),
});
const failing = (reason: ErrorReason) => ({ 'db-password': anError(reason) });

describe.each(reasons)('a read that fails with %s', (reason) => {
  test('leaves the last good Secret', () => {
    expect(decide(due, failing(reason))).toMatchObject({
      secret: { kind: 'keep' },
      formerTargets: [],
      error: { reason },
    });
  });

  test('keeps in the status what the Secret holds', () => {
    const { conditions: _, ...held } = synced.vaultSecret.status;

    expect(decide(due, failing(reason)).status).toMatchObject(held);
  });
});

describe.each(definite)('what somebody must end (%s)', (reason) => {
  test('is shown at once, with who must do what', () => {
    const cause = { reason, message: explain(anError(reason)), observedGeneration: 1 };
    const since = '2026-11-25T12:00:00Z';

    expect(decide(due, failing(reason)).status.conditions).toEqual([
      { type: 'Ready', status: 'False', ...cause, lastTransitionTime: since },
      { type: 'Stalled', status: 'True', ...cause, lastTransitionTime: since },
    ]);
  });

  test('is told by one event', () => {
    const plan = decide(due, failing(reason));
    const again = { ...afterwards(due, plan), memory: aMemory() };

    expect(plan.events).toMatchObject([{ type: 'Warning', reason }]);
    expect(decide(again, failing(reason))).toMatchObject({ events: [] });
    expect(decide(again, failing(reason)).status).toEqual(plan.status);
  });
});

describe.each(transient)('what passes by itself (%s)', (reason) => {
  const missing = { ...synced, target: undefined };
  const suspect = withStringData(synced);
  const drifted = { ...synced, target: { ...targetOf(synced), managed: false } };

  test.each<readonly [string, Observed]>([
    ['a Secret that was true lately', due],
    ['a Secret that is a little late', staleAt(2 * hour)],
    ['a Secret that a new version renders differently', otherRendering(synced)],
    ['a Secret of which somebody may have changed a value', suspect],
  ])('is not shown on %s', (_, observed) => {
    const plan = decide(observed, failing(reason));

    expect(plan.status).toEqual(observed.vaultSecret.status);
    expect(plan.events).toEqual([]);
  });

  test.each<readonly [string, Observed]>([
    ['never synced', anObserved()],
    ['stale beyond twice its interval', staleAt(2 * hour + 1)],
    ['whose Secret is gone', missing],
    ['whose Secret was changed', drifted],
    ['whose spec was edited', edited(synced, { target: { labels: { team: 'a' } } })],
  ])('is shown on a VaultSecret %s, without an event', (_, observed) => {
    const plan = decide(observed, failing(reason));

    expect(plan.events).toEqual([]);
    expect(plan.status.conditions).toMatchObject([
      { type: 'Ready', status: 'False', reason },
      { type: 'Reconciling', status: 'True', reason },
    ]);
    expect(decide(afterwards(observed, plan), failing(reason)).status).toEqual(plan.status);
  });
});

function withStringData(observed: Observed): Observed {
  const target = targetOf(observed);
  const managers = [...target.managers, aManager({ stringDataKeys: ['DB_PASSWORD'] })];
  return { ...observed, target: { ...target, managers } };
}

/** As if the renderer had another version: the record names another revision than the spec. */
function otherRendering(observed: Observed): Observed {
  const target = targetOf(observed);
  const record = (target.record ?? '').replace(/"render":"\w+"/, '"render":"0"');
  return { ...observed, target: { ...target, record } };
}

describe('the next try', () => {
  const retryMs = (reason: ErrorReason, failures = 0, observed = due) =>
    decide({ ...observed, memory: { ...observed.memory, failures } }, failing(reason)).error
      ?.retryAfterMs;

  test('comes soon at first, and within five minutes at last', () => {
    expect(retryMs('KeyVaultForbidden')).toBeLessThanOrEqual(1_000);
    expect(retryMs('KeyVaultForbidden', 20)).toBeGreaterThanOrEqual(150_000);
    expect(retryMs('KeyVaultForbidden', 20)).toBeLessThanOrEqual(300_000);
  });

  test('comes no later than a refresh would', () => {
    const observed = aSynced(aVaultSecret({ spec: { refreshInterval: '1m' } }));
    const late = { ...observed, memory: aMemory({ refreshAt: now }) };

    expect(retryMs('KeyVaultForbidden', 20, late)).toBeLessThanOrEqual(60_000);
  });

  test('comes when the service says, if it says', () => {
    const vault = { 'db-password': anError('KeyVaultThrottled', 7_000) };

    expect(decide(due, vault).error?.retryAfterMs).toBe(7_000);
  });

  test('comes not at once when the service asks for no wait', () => {
    const vault = { 'db-password': anError('KeyVaultThrottled', 0) };

    expect(decide(due, vault).error?.retryAfterMs).toBeGreaterThan(0);
  });

  test('of what somebody must end comes when it may end by itself, and no later than ever', () => {
    const pending = (retryAfterMs: number) => ({
      'db-password': anError('KeyVaultSecretNotYetValid', retryAfterMs),
    });
    const late = { ...due, memory: { ...due.memory, failures: 20 } };

    expect(decide(late, pending(7_000)).error?.retryAfterMs).toBe(7_000);
    expect(decide(due, pending(7_000)).error?.retryAfterMs).toBeLessThanOrEqual(1_000);
    expect(decide(late, pending(7_200_000)).error?.retryAfterMs).toBeLessThanOrEqual(3_600_000);
  });

  test('of several comes as soon as that of what no refresh sees', () => {
    const data = ['a', 'b'].map((name) => ({ dataKey: name, secret: { name } }));
    const vaultSecret = aVaultSecret({ spec: { data, refreshInterval: '24h' } });
    const observed = anObserved({ vaultSecret, memory: aMemory({ failures: 20 }) });
    const vault = { a: anError('KeyVaultSecretNotFound'), b: anError('KeyVaultForbidden') };

    expect(decide(observed, vault).error).toMatchObject({ reason: 'KeyVaultForbidden' });
    expect(decide(observed, vault).error?.retryAfterMs).toBeLessThanOrEqual(300_000);
  });

  test('comes when the first of several may end, whichever is told', () => {
    const data = ['a', 'b', 'c'].map((name) => ({ dataKey: name, secret: { name } }));
    const observed = anObserved({
      vaultSecret: aVaultSecret({ spec: { data } }),
      memory: aMemory({ failures: 20 }),
    });
    const plan = decide(observed, {
      a: anError('KeyVaultSecretExpired'),
      b: anError('KeyVaultSecretNotYetValid', 9_000),
      c: anError('KeyVaultSecretDisabled', 7_000),
    });

    expect(plan.error).toMatchObject({ reason: 'KeyVaultSecretExpired', retryAfterMs: 7_000 });
  });

  test('waits for a change that our watches see', () => {
    expect(
      failed(due, diagnosed(due), anError('ClientIdMissing')).error.retryAfterMs,
    ).toBeUndefined();
  });

  test('counts failures in a row, until one succeeds', () => {
    const once = decide(due, failing('KeyVaultFailed'));
    const twice = decide({ ...due, memory: once.memory }, failing('KeyVaultFailed'));

    expect([once.memory.failures, twice.memory.failures]).toEqual([1, 2]);
    expect(decide({ ...due, memory: twice.memory }).memory.failures).toBe(0);
  });

  test('reads again though the Secret is as its record says', () => {
    const plan = decide(due, failing('KeyVaultForbidden'));
    const again = { ...afterwards(due, plan), target: due.target };

    expect(decide(again).status.conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
  });
});

describe('of several failures', () => {
  const vaultSecret = aVaultSecret({
    spec: {
      data: ['a', 'b', 'c'].map((name) => ({ dataKey: name, secret: { name } })),
    },
  });

  test('the one that somebody must end is told', () => {
    const plan = decide(anObserved({ vaultSecret }), {
      a: anError('KeyVaultThrottled', 1_000),
      b: aKeyVaultSecret({ name: 'b' }),
      c: anError('KeyVaultSecretNotFound'),
    });

    expect(plan.error?.reason).toBe('KeyVaultSecretNotFound');
  });

  test('nothing is written of what could be read', () => {
    const plan = decide(anObserved({ vaultSecret }), {
      a: aKeyVaultSecret({ name: 'a' }),
      b: aKeyVaultSecret({ name: 'b' }),
      c: anError('KeyVaultUnreachable'),
    });

    expect(plan.secret).toEqual({ kind: 'keep' });
  });
});

test('a value that cannot be decoded names its key, and not itself', () => {
  const vaultSecret = aVaultSecret({
    spec: { data: [{ dataKey: 'A', secret: { name: 'db-password' }, decode: 'hex' }] },
  });
  const plan = decide(anObserved({ vaultSecret }), {
    'db-password': aKeyVaultSecret({ value: redact('p4ssw0rd') }),
  });

  expect(plan.error?.reason).toBe('ValueNotDecodable');
  expect(JSON.stringify([plan.status, plan.events])).not.toContain('p4ssw0rd');
  expect(JSON.stringify(plan.status)).toContain('data key A');
});

describe('a failure of a write', () => {
  test('looks for the Secret by name when our watch does not see it', () => {
    const failedAt = (observed: Observed) =>
      failed(observed, diagnosed(observed), anError('SecretRefused'));
    const seen = failedAt({ ...due, target: targetOf(synced) });
    const unseen = failedAt({ ...due, target: anObservedSecret() });

    expect(seen.memory.lookLive).toBe(false);
    expect(unseen.memory.lookLive).toBe(true);
  });

  test('is told in an event of at most a kilobyte', () => {
    const long = 'x'.repeat(253);
    const error = new ReconcileError('TargetOwnedByVaultSecret', {
      details: { secret: long, namespace: long, owner: long.repeat(3), wayOut: long },
    });

    expect(Buffer.byteLength(failed(due, diagnosed(due), error).events[0]?.note ?? '')).toBe(1_024);
  });
});
