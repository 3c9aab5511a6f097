import { describe, expect, test } from 'vitest';
import type { Observed } from '../../../src/core/observed/observed.ts';
import { callCounts } from '../../support/callCounts.ts';
import {
  aKeyVaultSecret,
  aManager,
  aMemory,
  aSynced,
  aVault,
  aVaultSecret,
  decide,
  now,
  targetOf,
  versionTwo,
} from './builders.ts';

/** What derives the facts of a diagnosis. */
const derivations = [
  'parseRecord',
  'ownRecord',
  'detectDrift',
  'secretDefect',
  'formerOwner',
  'isOwned',
  'firstRival',
  'firstKeyConflict',
  'repairsInARow',
  'contestOf',
  'resolveAccess',
  'obstacleOf',
  'takeOverOf',
];
const once = Object.fromEntries(derivations.map((name) => [name, 1]));

async function derived(act: () => unknown): Promise<Readonly<Record<string, number>>> {
  const calls = await callCounts('/src/core/', act);
  return Object.fromEntries(derivations.map((name) => [name, calls.get(name) ?? 0]));
}

const synced = aSynced();
const due: Observed = { ...synced, memory: aMemory({ refreshAt: now }) };
const target = targetOf(synced);
const drifted: Observed = {
  ...synced,
  target: { ...target, managers: [...target.managers, aManager({ dataKeys: ['FOREIGN'] })] },
};
const merging = aVaultSecret({ spec: { target: { creationPolicy: 'Merge' } } });

describe('each fact is derived once, and the sync record is parsed once', () => {
  test('while nothing changes', async () => {
    expect(await derived(() => decide(synced))).toEqual(once);
  });

  test('in a refresh that finds a new version', async () => {
    const rotated = aVault(aKeyVaultSecret({ version: versionTwo }));

    expect(await derived(() => decide(due, rotated))).toEqual(once);
  });

  test('in a repair', async () => {
    expect(await derived(() => decide(drifted))).toEqual(once);
  });

  test('in a contest', async () => {
    const repairs = { count: 12, lastAt: now, by: 'kubectl-edit' };
    const observed = { ...drifted, memory: aMemory({ repairs }) };

    expect(await derived(() => decide(observed))).toEqual(once);
  });

  test('where an obstacle stands in the way', async () => {
    const observed = { ...synced, vaultSecret: { ...merging, status: synced.vaultSecret.status } };

    expect(await derived(() => decide(observed))).toEqual(once);
  });
});

test('the count of calls sees every call', async () => {
  expect((await derived(() => [decide(synced), decide(synced)])).parseRecord).toBe(2);
});
