import { expect, test } from 'vitest';
import { longestOverdueMs } from '../../../src/core/status/lateness.ts';
import { aVaultSecret, now } from './builders.ts';

const lastTransitionTime = '2026-11-01T00:00:00Z';
function scheduled(refreshAt: number, status: 'True' | 'False' = 'True', reason = 'Synced') {
  const conditions = [{ type: 'Ready', status, reason, message: '', lastTransitionTime } as const];
  return { vaultSecret: aVaultSecret({ status: { conditions } }), memory: { refreshAt } };
}

test('is the refresh that has been due longest', () => {
  expect(longestOverdueMs([scheduled(now - 1_000), scheduled(now - 5_000)], now)).toBe(5_000);
});

test('is nothing while all refreshes lie ahead', () => {
  expect(longestOverdueMs([scheduled(now + 1_000)], now)).toBe(0);
  expect(longestOverdueMs([], now)).toBe(0);
});

test('counts only those that say that they are in sync', () => {
  const suspended = scheduled(now - 5_000, 'True', 'Suspended');
  const notReady = scheduled(now - 5_000, 'False', 'KeyVaultSecretNotFound');
  const neverLookedAt = { vaultSecret: aVaultSecret({ status: {} }), memory: { refreshAt: 0 } };
  expect(longestOverdueMs([suspended, notReady, neverLookedAt], now)).toBe(0);
});
