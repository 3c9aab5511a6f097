import { createHash } from 'node:crypto';
import { defaultRefreshInterval, type VaultSecretSpec } from '../api/vaultSecret.ts';
import { parseDuration } from '../api/duration.ts';

const minimumIntervalMs = 60_000;

export function refreshIntervalMs(spec: VaultSecretSpec): number {
  const intervalMs =
    parseDuration(spec.refreshInterval ?? defaultRefreshInterval) ?? minimumIntervalMs;
  return Math.max(intervalMs, minimumIntervalMs);
}

/**
 * The next refresh after `now`, on the wall clock at a phase of its own.
 * Guarantees: computed, not stored, so that a restart neither reads at once nor loses a refresh,
 * and what was created together does not refresh together.
 */
export function nextRefresh(now: number, intervalMs: number, phaseKey: string): number {
  const hash = createHash('sha256').update(phaseKey).digest().readUInt32BE(0);
  const phaseMs = Math.floor((hash / 2 ** 32) * intervalMs);
  const periods = Math.floor((now - phaseMs) / intervalMs) + 1;
  return phaseMs + periods * intervalMs;
}
