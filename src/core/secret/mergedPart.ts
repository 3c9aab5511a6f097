import type { FieldManager, MergeMark, ObservedSecret } from '../observed/observed.ts';
import { otherEntries, ownEntry } from './ownership.ts';
import { parseRecord } from './recordFormat.ts';

/** What is taken out of a Secret of others; the rest of it stays. */
export interface MergedPart {
  readonly uid: string;
  readonly dataKeys: readonly string[];
}

/**
 * What goes with a mark. A key that another client applies as well stays. A key that others only updated once goes: it
 * was taken over from them.
 */
export function mergedPart(secret: ObservedSecret, { uid, record }: MergeMark): MergedPart {
  const others = otherEntries(secret, uid);
  const own = ownEntry(secret, uid)?.dataKeys;
  if (own !== undefined) {
    const appliers = others.filter(({ operation }) => operation === 'Apply');
    return { uid, dataKeys: without(own, appliers) };
  }
  // managedFields were cleared: every manager with an entry wrote after that.
  const writers = others.filter(({ name }) => name !== unknownWriters);
  return { uid, dataKeys: without(parseRecord(record)?.dataKeys ?? [], writers) };
}

/**
 * The manager to which the API server assigns, at an apply, the fields without a manager:
 * https://github.com/kubernetes/apimachinery/blob/master/pkg/util/managedfields/internal/skipnonapplied.go
 */
const unknownWriters = 'before-first-apply';

function without(keys: readonly string[], managers: readonly FieldManager[]): readonly string[] {
  const theirs = new Set(managers.flatMap(({ dataKeys }) => dataKeys));
  return keys.filter((key) => !theirs.has(key));
}
