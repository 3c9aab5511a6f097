import { targetName } from './desired.ts';
import { detectDrift } from './drift.ts';
import { isDefinite } from './errorCatalogue.ts';
import { explain, type ReconcileError } from './errors.ts';
import type { Observed, VaultSecret } from './observed.ts';
import type { SyncRecord } from './syncRecord.ts';

export interface PlannedEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  readonly note: string;
}

export function syncEvents(
  observed: Observed,
  former: SyncRecord | undefined,
  record: SyncRecord,
): readonly PlannedEvent[] {
  const name = targetName(observed.vaultSecret);
  const normal = (reason: string, note: string): PlannedEvent => ({
    type: 'Normal',
    reason,
    action: 'Apply',
    note,
  });
  const drift = detectDrift(observed);
  const isRepair = drift !== undefined && drift !== 'uncertain';
  const repaired = isRepair
    ? [
        normal(
          'DriftRepaired',
          `Somebody else changed Secret ${name}; it is as Key Vault says again.`,
        ),
      ]
    : [];
  if (former === undefined || former.syncedAt === record.syncedAt) return repaired;
  return [
    ...repaired,
    normal(
      'SecretUpdated',
      `Secret ${name} follows a change of its sources in Key Vault or of its spec.`,
    ),
  ];
}

/** An event only when the explanation is new and somebody must act on it. */
export function failureEvents(
  { status }: VaultSecret,
  error: ReconcileError,
): readonly PlannedEvent[] {
  const note = explain(error);
  const shown = status.conditions?.find(({ type }) => type === 'Ready')?.message;
  return note !== shown && isDefinite(error.reason)
    ? [{ type: 'Warning', reason: error.reason, action: 'Sync', note }]
    : [];
}
