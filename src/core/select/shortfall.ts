import { isDeletedByPolicy } from './absence.ts';
import { vaultUrlOf } from '../observed/connection.ts';
import { detectDrift } from '../secret/drift.ts';
import type { Observed } from '../observed/observed.ts';
import { renderRevision } from '../secret/revision.ts';
import { isDamaged, type SyncRecord } from '../secret/recordFormat.ts';
import { ownRecord } from '../secret/syncRecord.ts';
import { targetName } from '../observed/target.ts';

/** What the Secret lacks, told from itself and the VaultSecret, whatever Key Vault says. */
export type Shortfall =
  | 'firstSync'
  | 'secretMissing'
  | 'recordLost'
  | 'recordUnreadable'
  | 'specChanged'
  | 'renderingChanged'
  | 'drift';

/** What somebody else did to a Secret that lacks this. */
export const foreignDeeds: Readonly<Partial<Record<string, string>>> = {
  drift: 'changed',
  recordLost: 'changed',
  secretMissing: 'deleted',
} satisfies Partial<Record<Shortfall, string>>;

/** What another release of this controller may have done, which renders or records otherwise. */
export function isOfOtherRelease(reason: string | undefined): boolean {
  return reason === 'renderingChanged' || reason === 'recordUnreadable';
}

export function shortfall(observed: Observed): Shortfall | undefined {
  const { vaultSecret, target } = observed;
  const wasWritten = vaultSecret.status.secretName === targetName(vaultSecret);
  if (target === undefined) {
    if (isDeletedByPolicy(vaultSecret)) return undefined;
    return wasWritten ? 'secretMissing' : 'firstSync';
  }
  const record = ownRecord(observed);
  if (record === undefined || isDamaged(record)) {
    if (!wasWritten) return 'firstSync';
    return isDrifted(observed) ? 'recordLost' : 'recordUnreadable';
  }
  return renderingShortfall(observed, record) ?? (isDrifted(observed) ? 'drift' : undefined);
}

function renderingShortfall(
  { vaultSecret: { spec, status, generation }, connection }: Observed,
  { render }: SyncRecord,
): 'specChanged' | 'renderingChanged' | undefined {
  if (render === renderRevision(spec, vaultUrlOf(spec, connection))) return undefined;
  return status.observedGeneration === generation ? 'renderingChanged' : 'specChanged';
}

/** Somebody else took over what we wrote, or added to it. */
function isDrifted(observed: Observed): boolean {
  const drift = detectDrift(observed);
  return drift !== undefined && drift !== 'suspected';
}
