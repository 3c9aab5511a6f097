import { describe, expect, test } from 'vitest';
import type { Observed, SyncMemory } from '../../../src/core/observed/observed.ts';
import { delay } from '../../../src/core/delay.ts';
import {
  selected,
  aManager,
  aMemory,
  aSynced,
  aVaultSecret,
  decide,
  now,
  targetOf,
} from './builders.ts';
import { anError } from './someErrors.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const synced = aSynced(aVaultSecret({ spec: { refreshInterval: '1h' } }));
const remembering = (memory: Partial<SyncMemory>): Observed => ({
  ...synced,
  memory: aMemory(memory),
});

describe('after the clock was set back by a day', () => {
  test.each<readonly [string, Partial<SyncMemory>]>([
    ['a refresh is due that lies further ahead than the interval', { refreshAt: now + day }],
    ['a refresh is due when the last look lies in the future', { verifiedAt: now + 1 }],
  ])('%s', (_, memory) => {
    expect(selected(remembering(memory)).reason).toBe('refreshDue');
  });

  test('the refresh comes within the interval again', () => {
    const plan = decide(remembering({ refreshAt: now + day, verifiedAt: now + day }));

    expect(plan.requeueAfterMs).toBeLessThanOrEqual(hour);
    expect(selected({ ...synced, memory: plan.memory }).reason).toBeUndefined();
  });

  test('the condition shows an outage at once, because the age of the Secret is not known', () => {
    const observed = remembering({ refreshAt: now + day, verifiedAt: now + day });
    const { status } = decide(observed, { 'db-password': anError('KeyVaultUnreachable') });

    expect(status.conditions).toMatchObject([{ type: 'Ready', status: 'False' }, {}]);
  });

  test('no repair waits for the clock to catch up', () => {
    const target = targetOf(synced);
    const managers = [...target.managers, aManager({ dataKeys: ['X'] })];
    const repairs = { count: 40, lastAt: now + day, by: 'argocd' };
    const plan = decide({ ...remembering({ repairs }), target: { ...target, managers } });

    expect(plan.secret.kind).toBe('apply');
    expect(plan.repairs).toMatchObject({ count: 1, lastAt: now });
  });
});

test('a refresh that is exactly one interval ahead is not due', () => {
  expect(selected(remembering({ refreshAt: now + hour })).reason).toBeUndefined();
});

test.each([
  [0.25, 1],
  [1, 1],
  [90_000, 90_000],
  [0, 1_000],
  [-5, 1_000],
  [NaN, 1_000],
])('a delay of %d ms is one of %d ms', (ms, expected) => {
  expect(delay(ms)).toBe(expected);
});
