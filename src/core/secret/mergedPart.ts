import type { MergeMark, ObservedSecret } from '../observed/observed.ts';
import { otherEntries, ownEntry } from './ownership.ts';

/** What is taken out of a Secret of others; the rest of it stays. */
export interface MergedPart {
  readonly uid: string;
  readonly dataKeys: readonly string[];
}

/**
 * What goes with a mark. A key that somebody else applies as well stays: it is theirs, too. One that others only
 * once updated goes: it was taken over from them.
 */
export function mergedPart(secret: ObservedSecret, { uid }: MergeMark): MergedPart {
  const applied = new Set(
    otherEntries(secret, uid)
      .filter(({ operation }) => operation === 'Apply')
      .flatMap(({ dataKeys }) => dataKeys),
  );
  const dataKeys = ownEntry(secret, uid)?.dataKeys ?? [];
  return { uid, dataKeys: dataKeys.filter((key) => !applied.has(key)) };
}
