import type { LastWrite, SyncMemory, VaultSecret } from '../core/observed.ts';
import { nextRefresh, refreshIntervalMs } from '../core/schedule.ts';

/** What this process remembers of each VaultSecret, by uid so that a re-created one starts anew. */
export interface Memories {
  of(vaultSecret: VaultSecret, now: number): SyncMemory;
  keep(vaultSecret: VaultSecret, memory: SyncMemory, lastWrite?: LastWrite): void;
  forget(requestKey: string): void;
}

export function createMemories(): Memories {
  const memories = new Map<string, { readonly uid: string; readonly memory: SyncMemory }>();
  return {
    of({ namespace, name, uid, spec }, now) {
      const kept = memories.get(`${namespace}/${name}`);
      if (kept?.uid === uid) return kept.memory;
      const refreshAt = nextRefresh(now, refreshIntervalMs(spec), uid);
      return { refreshAt, verifiedAt: now, failed: false, lookLive: false };
    },
    keep({ namespace, name, uid }, memory, lastWrite) {
      const written = lastWrite === undefined ? {} : { lastWrite };
      memories.set(`${namespace}/${name}`, { uid, memory: { ...memory, ...written } });
    },
    forget: (requestKey) => void memories.delete(requestKey),
  };
}
