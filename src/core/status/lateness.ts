import { conditionOf } from '../observed/conditions.ts';
import type { SyncMemory, VaultSecret } from '../observed/observed.ts';

/** A VaultSecret, with when its next refresh is due. */
export interface Scheduled {
  readonly vaultSecret: VaultSecret;
  readonly memory: Pick<SyncMemory, 'refreshAt'>;
}

/**
 * Milliseconds for which the refresh of a VaultSecret is overdue, at most; 0 when none is.
 * Of those that say that they are in sync: the others say themselves what they wait for.
 */
export function longestOverdueMs(all: Iterable<Scheduled>, now: number): number {
  let longest = 0;
  for (const { vaultSecret, memory } of all) {
    const ready = conditionOf(vaultSecret.status, 'Ready');
    if (ready?.status === 'True' && ready.reason !== 'Suspended')
      longest = Math.max(longest, now - memory.refreshAt);
  }
  return longest;
}
