import { managedLabel, ownerAnnotation, syncRecordAnnotation } from '../api/meta.ts';
import type {
  FieldManager,
  Observed,
  ObservedSecret,
  SyncMemory,
  VaultSecret,
} from './observed.ts';
import { otherEntries, ownEntry } from './ownership.ts';
import { isOwnerTarget } from './target.ts';

/** `suspected`: a value may have changed, and only the API server can compare it with the one that we apply. */
export type Drift = 'ownershipLost' | 'fieldsLost' | 'foreignKeys' | 'suspected';

/** The API server keeps whole seconds, so a second write within one is told by the resourceVersion alone. */
const ambiguousMs = 2_000;

/**
 * Whether somebody changed what we applied, told from managedFields without reading a value.
 * Guarantees: what our own last write left behind is no drift, so that no repair repeats itself;
 * a foreign edit that keeps the values of our fields is none either.
 */
export function detectDrift({ target, vaultSecret, memory, now }: Observed): Drift | undefined {
  if (target === undefined || isUntouched(target, memory)) return undefined;
  const ours = ownEntry(target, vaultSecret.uid);
  if (ours === undefined || !isMarked(target, vaultSecret)) return 'ownershipLost';
  if (!ownsExactly(ours, vaultSecret)) return 'fieldsLost';
  if (surplusDataKeys(target, vaultSecret).length > 0) return 'foreignKeys';
  const isSuspected =
    isRewritten(ours, target, memory, now) || hasForeignStringData(ours, target, vaultSecret);
  return isSuspected ? 'suspected' : undefined;
}

/** Data keys of others that the VaultSecret does not name. */
export function surplusDataKeys(
  target: ObservedSecret,
  { spec, uid }: VaultSecret,
): readonly string[] {
  const ours = ownEntry(target, uid);
  const wanted = new Set(spec.data.map(({ dataKey }) => dataKey));
  const keys = otherEntries(target, uid).flatMap((other) => [
    ...other.dataKeys,
    ...(isFresh(other, ours) ? other.stringDataKeys : []),
  ]);
  return [...new Set(keys)].filter((dataKey) => !wanted.has(dataKey));
}

function isUntouched({ uid, resourceVersion }: ObservedSecret, { lastWrite }: SyncMemory): boolean {
  return lastWrite?.uid === uid && lastWrite.resourceVersion === resourceVersion;
}

function isMarked({ managed, ownerUids }: ObservedSecret, { uid, spec }: VaultSecret): boolean {
  return managed && (!isOwnerTarget(spec) || ownerUids.includes(uid));
}

function ownsExactly(ours: FieldManager, { spec: { data, target } }: VaultSecret): boolean {
  return (
    sameSet(
      ours.dataKeys,
      data.map(({ dataKey }) => dataKey),
    ) &&
    sameSet(ours.labels, [managedLabel, ...Object.keys(target?.labels ?? {})]) &&
    sameSet(ours.annotations, [
      ownerAnnotation,
      syncRecordAnnotation,
      ...Object.keys(target?.annotations ?? {}),
    ])
  );
}

/** An edit under our own manager's name is visible only by its time, and within one second by nothing at all. */
function isRewritten(
  ours: FieldManager,
  target: ObservedSecret,
  { lastWrite }: SyncMemory,
  now: number,
): boolean {
  if (lastWrite?.uid !== target.uid) return false;
  return ours.time !== lastWrite.time || now - lastWrite.at < ambiguousMs;
}

function hasForeignStringData(
  ours: FieldManager,
  target: ObservedSecret,
  { uid, spec }: VaultSecret,
): boolean {
  const wanted = new Set(spec.data.map(({ dataKey }) => dataKey));
  return otherEntries(target, uid).some(
    (other) => isFresh(other, ours) && other.stringDataKeys.some((key) => wanted.has(key)),
  );
}

/** An older apply was put right by our last write. Times of one server in one format compare as text. */
function isFresh(other: FieldManager, ours: FieldManager | undefined): boolean {
  return ours === undefined || other.time >= ours.time;
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  const known = new Set(left);
  return known.size === new Set(right).size && right.every((entry) => known.has(entry));
}
