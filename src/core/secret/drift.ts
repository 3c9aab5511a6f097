import {
  managedLabel,
  mergeOwnerAnnotation,
  mergeRecordAnnotation,
  ownerAnnotation,
  syncRecordAnnotation,
} from '../../api/meta.ts';
import type {
  FieldManager,
  Observed,
  ObservedSecret,
  SyncMemory,
  VaultSecret,
} from '../observed/observed.ts';
import { otherEntries, ownEntry, ownMark } from './ownership.ts';
import { freshStringData } from './stringData.ts';
import type { SyncRecord } from './recordFormat.ts';
import { ownRecord, presentEntries } from './syncRecord.ts';
import { isMerging, isOwnerTarget } from '../observed/target.ts';

/** `suspected`: a value may have changed, and only the API server can compare it with the one that we apply. */
export type Drift = 'ownershipLost' | 'fieldsLost' | 'foreignKeys' | 'suspected';

/** The API server keeps whole seconds, so only the resourceVersion shows a second write within one. */
const ambiguousMs = 2_000;

/**
 * Whether another client changed what we applied, judged from managedFields without reading a value.
 * Guarantees: what our own last write left behind is no drift, so that no repair repeats itself;
 * a foreign edit that keeps the values of our fields is none either.
 */
export function detectDrift(
  { target, vaultSecret, memory, now }: Observed,
  record: SyncRecord | undefined,
): Drift | undefined {
  if (target === undefined || isUntouched(target, memory)) return undefined;
  const ours = ownEntry(target, vaultSecret.uid);
  if (ours === undefined || !isMarked(target, vaultSecret)) return 'ownershipLost';
  const dataKeys = dataKeysOf(vaultSecret, record);
  if (!ownsExactly(ours, vaultSecret, dataKeys)) return 'fieldsLost';
  const fresh = freshStringData(target, record?.overruled).flatMap((one) => one.stringDataKeys);
  if (unnamedDataKeys(target, vaultSecret, { dataKeys, stringDataKeys: fresh }).length > 0)
    return 'foreignKeys';
  const isSuspected = isRewritten(ours, target, memory, now) || fresh.length > 0;
  return isSuspected ? 'suspected' : undefined;
}

/**
 * Data keys of others that the VaultSecret does not name; none where they may be there. Those of an apply of
 * stringData that was overruled count: repeated within its second it looks the same.
 */
export function surplusDataKeys(
  target: ObservedSecret,
  vaultSecret: VaultSecret,
): readonly string[] {
  const stringData = target.managers.flatMap(({ stringDataKeys }) => stringDataKeys);
  const dataKeys = dataKeysOf(vaultSecret, ownRecord({ target, vaultSecret }));
  return unnamedDataKeys(target, vaultSecret, { dataKeys, stringDataKeys: stringData });
}

interface KnownKeys {
  /** What the Secret must hold. */
  readonly dataKeys: readonly string[];
  /** What others applied as stringData. */
  readonly stringDataKeys: readonly string[];
}

function unnamedDataKeys(
  target: ObservedSecret,
  vaultSecret: VaultSecret,
  { dataKeys: wantedKeys, stringDataKeys }: KnownKeys,
): readonly string[] {
  if (isMerging(vaultSecret.spec)) return [];
  const wanted = new Set(wantedKeys);
  const keys = otherEntries(target, vaultSecret.uid).flatMap(({ dataKeys }) => dataKeys);
  return [...new Set([...keys, ...stringDataKeys])].filter((key) => !wanted.has(key));
}

function isUntouched({ uid, resourceVersion }: ObservedSecret, { lastWrite }: SyncMemory): boolean {
  return lastWrite?.uid === uid && lastWrite.resourceVersion === resourceVersion;
}

function isMarked(target: ObservedSecret, vaultSecret: VaultSecret): boolean {
  const { uid, spec } = vaultSecret;
  if (!target.managed) return false;
  if (isMerging(spec)) return ownMark(target, vaultSecret) !== undefined;
  return !isOwnerTarget(spec) || target.ownerUids.includes(uid);
}

function ownsExactly(
  ours: FieldManager,
  { uid, spec }: VaultSecret,
  dataKeys: readonly string[],
): boolean {
  const { labels = {}, annotations = {} } = spec.target ?? {};
  const [ourLabels, ourAnnotations] = isMerging(spec)
    ? [[], [mergeOwnerAnnotation(uid), mergeRecordAnnotation(uid)]]
    : [[managedLabel], [ownerAnnotation, syncRecordAnnotation]];
  return (
    sameSet(ours.dataKeys, dataKeys) &&
    sameSet(ours.labels, [...ourLabels, ...Object.keys(labels)]) &&
    sameSet(ours.annotations, [...ourAnnotations, ...Object.keys(annotations)])
  );
}

/** What the Secret must hold, by its own record. */
function dataKeysOf({ spec }: VaultSecret, record: SyncRecord | undefined): readonly string[] {
  return presentEntries(spec, record).map(({ dataKey }) => dataKey);
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

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  const known = new Set(left);
  return known.size === new Set(right).size && right.every((entry) => known.has(entry));
}
