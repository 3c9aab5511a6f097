import { expect, test } from 'vitest';

import { ReconcileError } from '../../../src/core/errors/errors.ts';
import { readDetails } from '../../../src/keyvault/errors.ts';
import { createGate } from '../../../src/keyvault/gate.ts';
import { createVaults } from '../../../src/keyvault/vaults.ts';
import type { HostHealth, Running } from '../../../src/ports/lanes.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { aRead, countingMetrics } from './fakeVault.ts';

const host = 'shop-prod.vault.azure.net';

function setUp(health: HostHealth = 'answering', workers = 32) {
  const clock = createManualClock(0);
  const { metrics } = countingMetrics();
  const vaults = createVaults({ clock, random: () => 0, metrics });
  const healthOf = (asked: string): HostHealth => (asked === host ? health : 'silent');
  return { vaults, gate: createGate({ vaults, healthOf, workers }) };
}

const running = (keys: number, requests = keys): Running => ({ keys, requests });
test.each<[HostHealth, number, 'goes' | 'waits']>([
  ['unknown', 0, 'goes'],
  ['unknown', 1, 'waits'],
  ['silent', 0, 'goes'],
  ['silent', 1, 'waits'],
  ['answering', 63, 'goes'],
  ['answering', 64, 'waits'],
  ['down', 10_000, 'goes'],
])('a key of a host that is %s, with %i keys under way, %s', (health, keys, outcome) => {
  const { gate } = setUp(health);
  expect(gate.waitMs(host, running(keys), keys) === 0 ? 'goes' : 'waits').toBe(outcome);
});

test('400 silent hosts leave room for a host that was never asked', () => {
  const { gate } = setUp('unknown');
  expect(gate.waitMs(host, running(0), 400)).toBe(0);
});

test('many busy hosts leave room for each other', () => {
  const { gate } = setUp();
  const busy = 8 * 64;
  expect(gate.waitMs(host, running(3), busy + 3)).toBe(0);
  expect(gate.waitMs(host, running(4), busy + 4)).toBeGreaterThan(0);
});

test('all hosts together have a bound, which grows with the workers', () => {
  expect(setUp('unknown').gate.waitMs(host, running(0), 960)).toBeGreaterThan(0);
  expect(setUp('unknown', 64).gate.waitMs(host, running(0), 960)).toBe(0);
});

test('a VaultSecret of any size goes alone, and no other joins it', () => {
  const { gate } = setUp();
  expect(gate.waitMs(host, running(0), 0)).toBe(0);
  expect(gate.waitMs(host, running(1, 256), 1)).toBeGreaterThan(0);
});

test('a vault whose budget is used up lets nobody begin before the next token', async () => {
  const { vaults, gate } = setUp();
  for (let i = 0; i < 200; i += 1) await vaults.of(host).run(aRead(), async () => 'answer');
  expect(gate.waitMs(host, running(0), 0)).toBe(3);
});

test.each([
  { retryAfterMs: 5_000, waitMs: 5_000 },
  // Each key fails at once then, which says why on those that were never synced.
  { retryAfterMs: 60_000, waitMs: 0 },
])('a vault that asks for $retryAfterMs ms: keys begin after $waitMs ms', async (given) => {
  const { vaults, gate } = setUp();
  const { retryAfterMs, waitMs } = given;
  const throttled = new ReconcileError('KeyVaultThrottled', {
    details: readDetails(aRead()),
    retryAfterMs,
  });
  await vaults
    .of(host)
    .once(aRead(), () => Promise.reject(throttled))
    .catch(() => undefined);
  expect(gate.waitMs(host, running(0), 0)).toBe(waitMs);
});
