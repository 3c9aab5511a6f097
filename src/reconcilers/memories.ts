import { namespacedName } from '../core/namespacedName.ts';
import type { LastWrite, SyncMemory, VaultSecret } from '../core/observed/observed.ts';
import { repairsFromStatus } from '../core/diagnose/contest.ts';
import { nextRefresh, refreshIntervalMs } from '../core/diagnose/schedule.ts';

/** What this process remembers of each VaultSecret, by uid so that a re-created one starts anew. */
export interface Memories {
  of(vaultSecret: VaultSecret, now: number): SyncMemory;
  keep(vaultSecret: VaultSecret, memory: SyncMemory): void;
  /** Kept apart, so that it outlives a later step that fails. */
  wrote(vaultSecret: VaultSecret, lastWrite: LastWrite): void;
  forget(requestKey: string): void;
}

interface Kept {
  readonly uid: string;
  readonly memory: SyncMemory;
  readonly lastWrite?: LastWrite;
}

export function createMemories(): Memories {
  const all = new Map<string, Kept>();
  const keptOf = (vaultSecret: VaultSecret): Kept | undefined => {
    const kept = all.get(namespacedName(vaultSecret));
    return kept?.uid === vaultSecret.uid ? kept : undefined;
  };
  return {
    of(vaultSecret, now) {
      const kept = keptOf(vaultSecret);
      if (kept === undefined) return firstMemory(vaultSecret, now);
      const { memory, lastWrite } = kept;
      return lastWrite === undefined ? memory : { ...memory, lastWrite };
    },
    keep(vaultSecret, memory) {
      all.set(namespacedName(vaultSecret), {
        ...keptOf(vaultSecret),
        uid: vaultSecret.uid,
        memory,
      });
    },
    wrote(vaultSecret, lastWrite) {
      const { uid } = vaultSecret;
      const memory = keptOf(vaultSecret)?.memory ?? firstMemory(vaultSecret, lastWrite.at);
      all.set(namespacedName(vaultSecret), { uid, memory, lastWrite });
    },
    forget: (requestKey) => void all.delete(requestKey),
  };
}

function firstMemory(vaultSecret: VaultSecret, now: number): SyncMemory {
  const { spec, uid } = vaultSecret;
  const refreshAt = nextRefresh(now, refreshIntervalMs(spec), uid);
  const repairs = repairsFromStatus(vaultSecret, now);
  return { refreshAt, verifiedAt: now, failures: 0, lookLive: false, repairs };
}
