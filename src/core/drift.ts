import {
  fieldManagerOf,
  managedLabel,
  ownerAnnotation,
  syncRecordAnnotation,
} from '../api/meta.ts';
import type { FieldManager, Observed, ObservedSecret } from './observed.ts';

export type Drift = 'ownershipLost' | 'fieldsLost' | 'foreignKeys' | 'rewritten' | 'uncertain';

/** The API server keeps whole seconds, so a second write within one is told by the resourceVersion alone. */
const ambiguousMs = 2_000;

/**
 * Whether somebody changed what we applied, told from managedFields without reading a value.
 * A foreign edit of a value moves the field from our entry to theirs; a foreign edit that keeps the value
 * moves nothing, and nothing has to be done.
 */
export function detectDrift(observed: Observed): Drift | undefined {
  const { target, vaultSecret } = observed;
  if (target === undefined) return undefined;
  const ours = ownEntry(target, vaultSecret.uid);
  if (ours === undefined || !target.managed) return 'ownershipLost';
  if (!ownsExactly(ours, observed)) return 'fieldsLost';
  if (foreignDataKeys(observed).length > 0) return 'foreignKeys';
  return rewritten(observed, target, ours);
}

export function ownEntry(secret: ObservedSecret, vaultSecretUid: string): FieldManager | undefined {
  const name = fieldManagerOf(vaultSecretUid);
  return secret.managers.find((manager) => manager.operation === 'Apply' && manager.name === name);
}

/** Data keys of others that the VaultSecret does not name. */
export function foreignDataKeys({ target, vaultSecret }: Observed): readonly string[] {
  const wanted = new Set(vaultSecret.spec.data.map(({ dataKey }) => dataKey));
  const name = fieldManagerOf(vaultSecret.uid);
  const others = (target?.managers ?? []).filter(
    (manager) => manager.operation !== 'Apply' || manager.name !== name,
  );
  return [...new Set(others.flatMap(({ dataKeys }) => dataKeys))].filter(
    (dataKey) => !wanted.has(dataKey),
  );
}

function ownsExactly(ours: FieldManager, { vaultSecret }: Observed): boolean {
  const { data, target } = vaultSecret.spec;
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
function rewritten(
  { memory, now }: Observed,
  target: ObservedSecret,
  ours: FieldManager,
): Drift | undefined {
  const { lastWrite } = memory;
  if (lastWrite === undefined || lastWrite.uid !== target.uid) return undefined;
  if (ours.time !== lastWrite.time) return 'rewritten';
  const isRecent = now - Date.parse(lastWrite.time) < ambiguousMs;
  return isRecent && target.resourceVersion !== lastWrite.resourceVersion ? 'uncertain' : undefined;
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  const known = new Set(left);
  return known.size === new Set(right).size && right.every((entry) => known.has(entry));
}
