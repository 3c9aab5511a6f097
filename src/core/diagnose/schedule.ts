import { ownProperty } from '../ownProperty.ts';
import { hash } from 'node:crypto';
import { parseDuration } from '../../api/duration.ts';
import { defaultRefreshInterval, type VaultSecretSpec } from '../../api/vaultSecret.ts';
import { entryKey, isToken, refOf } from '../source/sourceRef.ts';
import type { SyncMemory } from '../observed/observed.ts';
import type { SyncRecord } from '../secret/recordFormat.ts';

const minimumIntervalMs = 60_000;
const firstRetryMs = 1_000;
const longestRetryMs = 300_000;

export function refreshIntervalMs(spec: VaultSecretSpec): number {
  const intervalMs =
    parseDuration(spec.refreshInterval ?? defaultRefreshInterval) ?? minimumIntervalMs;
  return Math.max(intervalMs, minimumIntervalMs);
}

/**
 * The next refresh after `now`, on the wall clock at a phase that depends on `phaseKey`.
 * Guarantees: computed, not stored, so that a restart neither reads at once nor loses a refresh,
 * and what was created together does not refresh together.
 */
export function nextRefresh(now: number, intervalMs: number, phaseKey: string): number {
  const phaseMs = Math.floor(fractionOf(phaseKey) * intervalMs);
  const periods = Math.floor((now - phaseMs) / intervalMs) + 1;
  return phaseMs + periods * intervalMs;
}

/**
 * Whether the refresh is due. What was computed before the clock was set back holds no longer: then the last look
 * lies in the future, or the next one further ahead than the interval.
 */
export function isRefreshDue(
  { refreshAt, verifiedAt }: Pick<SyncMemory, 'refreshAt' | 'verifiedAt'>,
  now: number,
  intervalMs: number,
): boolean {
  return now >= refreshAt || now < verifiedAt || refreshAt - now > intervalMs;
}

/**
 * When another version than the one in use becomes the right one; Infinity when no such time is known.
 * A pinned version stays, whatever its dates; a token is replaced when it is renewed, which may be after a short life.
 */
export function validityEndsAt({ data }: VaultSecretSpec, record: SyncRecord | undefined): number {
  const seconds = data.flatMap((entry) => {
    if (entry.secret?.version !== undefined) return [];
    const { expiresOn = Infinity, supersededAt = Infinity } =
      ownProperty(record?.sources, entryKey(entry)) ?? {};
    return isToken(refOf(entry)) ? [supersededAt] : [expiresOn, supersededAt];
  });
  return Math.min(...seconds, Infinity) * 1000;
}

/**
 * Until the next try after `failures` in a row, none of whose services named a time.
 * Guarantees: doubles up to `longestMs`, and a failure never slows a VaultSecret below its own interval;
 * what failed together is not tried together.
 */
export function retryDelayMs(
  failures: number,
  intervalMs: number,
  phaseKey: string,
  longestMs = longestRetryMs,
): number {
  const fullMs = Math.min(firstRetryMs * 2 ** (failures - 1), longestMs, intervalMs);
  return Math.ceil(fullMs * (0.5 + fractionOf(`${phaseKey}|${failures}`) / 2));
}

/** In [0, 1), spread evenly over keys. */
function fractionOf(key: string): number {
  return hash('sha256', key, 'buffer').readUInt32BE(0) / 2 ** 32;
}
