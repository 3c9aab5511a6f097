import { ownProperty } from '../ownProperty.ts';
import type { Condition } from '../../api/condition.ts';
import type { VaultSecretSpec, VaultSecretStatus } from '../../api/vaultSecret.ts';
import type { Diagnosis } from '../diagnose/diagnosis.ts';
import { isDeletedByPolicy } from '../diagnose/gone.ts';
import { conditionsFrom, type ConditionState } from '../observed/conditions.ts';
import { isDefinite } from '../errors/errorCatalogue.ts';
import { explain, type ReconcileError } from '../errors/errors.ts';
import { entryKey, entryName } from '../source/sourceRef.ts';
import type { Observed, VaultSecret } from '../observed/observed.ts';
import { awaitingRefresh } from './askedRefresh.ts';
import { rfc3339 } from '../rfc3339.ts';
import { refreshIntervalMs } from '../diagnose/schedule.ts';
import { isOfOtherRelease } from '../diagnose/secretDefect.ts';
import { someNames } from '../someNames.ts';
import type { SyncRecord } from '../secret/recordFormat.ts';
import { presentEntries } from '../secret/syncRecord.ts';
import { targetName } from '../observed/target.ts';

/** The Secret holds what Key Vault holds. The message is constant while nothing changes. */
export function readyStatus(
  vaultSecret: VaultSecret,
  record: SyncRecord,
  now: number,
): VaultSecretStatus {
  const { spec, refresh, generation } = vaultSecret;
  const entries = presentEntries(spec, record);
  const without =
    record.gone === undefined ? '' : ` Key Vault does not have ${someNames(record.gone)} any more.`;
  const message = `Secret ${targetName(vaultSecret)} holds ${countKeys(entries.length)} from ${sourceName(spec)}.${without}`;
  return {
    observedGeneration: generation,
    conditions: conditions(
      vaultSecret,
      [{ type: 'Ready', status: 'True', reason: 'Synced', message }],
      now,
    ),
    secretName: targetName(vaultSecret),
    syncedAt: rfc3339(record.syncedAt),
    ...(refresh === undefined ? {} : { observedRefresh: refresh }),
    sources: entries.map((entry) => {
      const key = entryKey(entry);
      const source = ownProperty(record.sources, key);
      const expiry =
        source?.expiresOn === undefined ? {} : { expiresOn: rfc3339(source.expiresOn) };
      const name = entryName(entry);
      return { dataKey: entry.dataKey, name, version: source?.version ?? '', ...expiry };
    }),
    ...(record.gone === undefined ? {} : { gone: record.gone }),
  };
}

/** The Secret is away, as spec.target.deletionPolicy says; it was made so then. */
export function deletedStatus(
  vaultSecret: VaultSecret,
  gone: readonly string[],
  now: number,
): VaultSecretStatus {
  const { refresh, generation, status } = vaultSecret;
  const message = `Secret ${targetName(vaultSecret)} is deleted: Key Vault does not have ${someNames(gone)} any more. It is made again when one is back.`;
  const syncedAt = isDeletedByPolicy(vaultSecret) ? status.syncedAt : undefined;
  return {
    observedGeneration: generation,
    conditions: conditions(
      vaultSecret,
      [{ type: 'Ready', status: 'True', reason: 'SecretDeleted', message }],
      now,
    ),
    syncedAt: syncedAt ?? rfc3339(Math.floor(now / 1000)),
    ...(refresh === undefined ? {} : { observedRefresh: refresh }),
    gone: gone.toSorted(),
  };
}

/** Of a connection the name alone: not every reader of the status may know its vault. Without a vault there are tokens only. */
function sourceName({ vaultUrl, vaultConnectionRef: ref }: VaultSecretSpec): string {
  return ref === undefined ? (vaultUrl ?? 'Microsoft Entra ID') : `${ref.kind} ${ref.name}`;
}

/** A failure changes the conditions alone. */
export function failedStatus(
  observed: Observed,
  { defect }: Pick<Diagnosis, 'defect'>,
  error: ReconcileError,
): VaultSecretStatus {
  const { vaultSecret, now } = observed;
  const definite = isDefinite(error.reason);
  const isShown = reasonsToShow.some((applies) => applies({ observed, defect, error }));
  if (!isShown) return awaitingRefresh(observed, error);
  const cause = { reason: error.reason, message: explain(error) };
  const states: readonly ConditionState[] = [
    { type: 'Ready', status: 'False', ...cause },
    { type: definite ? 'Stalled' : 'Reconciling', status: 'True', ...cause },
  ];
  return {
    ...lastStatus(vaultSecret),
    observedGeneration: vaultSecret.generation,
    conditions: conditions(vaultSecret, states, now),
  };
}

export function suspendedStatus(vaultSecret: VaultSecret, now: number): VaultSecretStatus {
  const status = vaultSecret.status.syncedAt === undefined ? 'False' : 'True';
  const message = 'spec.suspend is true: nothing is read or written until it is removed.';
  return {
    ...lastStatus(vaultSecret),
    observedGeneration: vaultSecret.generation,
    conditions: conditions(
      vaultSecret,
      [{ type: 'Ready', status, reason: 'Suspended', message }],
      now,
    ),
  };
}

/** What was gone for one spec is not so for another, which may name other objects or another vault. */
function lastStatus({ status, generation }: VaultSecret): VaultSecretStatus {
  if (status.observedGeneration === generation) return status;
  const { gone: _, ...rest } = status;
  return rest;
}

interface Failure {
  readonly observed: Observed;
  readonly defect: Diagnosis['defect'];
  readonly error: ReconcileError;
}

/**
 * Why a failure is shown; each is enough. A temporary failure (throttled, unreachable) is not shown on a Secret that was
 * in sync lately and is untouched, so that neither an outage nor an upgraded renderer writes every status.
 */
const reasonsToShow: readonly ((failure: Failure) => boolean)[] = [
  ({ error }) => isDefinite(error.reason),
  ({ observed }) => observed.vaultSecret.status.syncedAt === undefined,
  isStale,
  ({ defect }) => defect !== undefined && !isOfOtherRelease(defect),
];

function isStale({ observed: { vaultSecret, memory, now } }: Failure): boolean {
  const ageMs = now - memory.verifiedAt;
  // Below zero the clock was set back, and the age is not known.
  return ageMs < 0 || ageMs > 2 * refreshIntervalMs(vaultSecret.spec);
}

function conditions(
  { status, generation }: VaultSecret,
  states: readonly ConditionState[],
  now: number,
): Condition[] {
  return conditionsFrom({ former: status.conditions, generation, now }, states);
}

function countKeys(count: number): string {
  return count === 1 ? '1 key' : `${count} keys`;
}
