import { isDeletedByPolicy } from './absence.ts';
import { vaultUrlOf } from './connection.ts';
import { detectDrift } from './drift.ts';
import type { Observed } from './observed.ts';
import { parseRecord, renderRevision } from './syncRecord.ts';
import { targetName } from './target.ts';

/** What the Secret lacks, told from itself and the VaultSecret, whatever Key Vault says. */
export type Shortfall = 'firstSync' | 'secretMissing' | 'recordLost' | 'specChanged' | 'drift';

export function shortfall(observed: Observed): Shortfall | undefined {
  const { vaultSecret, connection, target } = observed;
  const { spec, status } = vaultSecret;
  if (target === undefined && isDeletedByPolicy(vaultSecret)) return undefined;
  if (target === undefined)
    return status.secretName === targetName(vaultSecret) ? 'secretMissing' : 'firstSync';
  const record = parseRecord(target.record);
  if (record === undefined) return 'recordLost';
  const vaultUrl = vaultUrlOf(spec, connection);
  if (record.render !== renderRevision(spec, vaultUrl)) return 'specChanged';
  const drift = detectDrift(observed);
  return drift === undefined || drift === 'suspected' ? undefined : 'drift';
}
