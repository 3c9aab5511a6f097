import { isDeletedByPolicy } from './absence.ts';
import { vaultUrlOf } from '../observed/connection.ts';
import { detectDrift } from '../secret/drift.ts';
import type { Observed } from '../observed/observed.ts';
import { renderRevision } from '../secret/revision.ts';
import { ownRecord } from '../secret/syncRecord.ts';
import { targetName } from '../observed/target.ts';

/** What the Secret lacks, told from itself and the VaultSecret, whatever Key Vault says. */
export type Shortfall = 'firstSync' | 'secretMissing' | 'recordLost' | 'specChanged' | 'drift';

/** What somebody else did to a Secret that lacks this. */
export const foreignDeeds: Readonly<Partial<Record<string, string>>> = {
  drift: 'changed',
  recordLost: 'changed',
  secretMissing: 'deleted',
} satisfies Partial<Record<Shortfall, string>>;

export function shortfall(observed: Observed): Shortfall | undefined {
  const { vaultSecret, connection, target } = observed;
  const { spec, status } = vaultSecret;
  const wasWritten = status.secretName === targetName(vaultSecret);
  if (target === undefined && isDeletedByPolicy(vaultSecret)) return undefined;
  if (target === undefined) return wasWritten ? 'secretMissing' : 'firstSync';
  const record = ownRecord(observed);
  if (record === undefined) return wasWritten ? 'recordLost' : 'firstSync';
  const vaultUrl = vaultUrlOf(spec, connection);
  if (record.render !== renderRevision(spec, vaultUrl)) return 'specChanged';
  const drift = detectDrift(observed);
  return drift === undefined || drift === 'suspected' ? undefined : 'drift';
}
