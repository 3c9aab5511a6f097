import type { Observed, ObservedSecret, VaultSecret } from '../observed/observed.ts';
import { isActive } from './handOver.ts';
import { isOlder, ownEntry, ownerAmong } from './ownership.ts';
import { isAdopting, isMerging, targetName } from '../observed/target.ts';

/**
 * The VaultSecret that was there first and keeps this one from writing.
 * Guarantees: of two that want one Secret exactly one is held back, whether or not their values differ:
 * the one that wrote it goes on, also when it is deleted, until its spec names another Secret; where none wrote it the
 * older one begins. Two that merge share a Secret.
 */
export function firstRival(
  observed: Observed,
  formerOwner: VaultSecret | undefined,
): VaultSecret | undefined {
  const { vaultSecret, target, rivals } = observed;
  if (target === undefined || formerOwner !== undefined) return firstInLine(observed);
  const owner = ownerAmong(target, [vaultSecret, ...rivals]);
  if (owner?.uid === vaultSecret.uid) return undefined;
  return owner ?? rivals.find((rival) => holdsAgainst(vaultSecret, rival, target));
}

/** The Secret is for the taking: there is none, or its owner names another. */
function firstInLine({ vaultSecret, rivals }: Observed): VaultSecret | undefined {
  if (isMerging(vaultSecret.spec)) return undefined;
  const target = targetName(vaultSecret);
  return rivals.find(
    (rival) =>
      isActive(rival) &&
      !isMerging(rival.spec) &&
      targetName(rival) === target &&
      precedes(rival, vaultSecret),
  );
}

/** Data keys of one Secret that another VaultSecret merges as well, and was first to. */
export interface KeyConflict {
  readonly rival: VaultSecret;
  readonly dataKeys: readonly string[];
}

/** Claimed by the specs, because equal values are no conflict to the API server. */
export function firstKeyConflict(observed: Observed): KeyConflict | undefined {
  return mergingRivals(observed)
    .map((rival) => ({
      rival,
      dataKeys: sharedKeys(observed, rival).filter((key) => yields(observed, rival, key)),
    }))
    .find(({ dataKeys }) => dataKeys.length > 0);
}

/** Another VaultSecret that wants what this one writes. */
export interface HeldBack {
  readonly name: string;
  /** Where it is about keys alone. */
  readonly dataKeys: readonly string[];
}

export function heldBack(observed: Observed): readonly HeldBack[] {
  const { vaultSecret, rivals } = observed;
  const merging = mergingRivals(observed);
  return rivals
    .filter((rival) => !rival.terminating && targetName(rival) === targetName(vaultSecret))
    .map((rival) => ({
      name: rival.name,
      isSharing: merging.includes(rival),
      dataKeys: sharedKeys(observed, rival),
    }))
    .filter(({ isSharing, dataKeys }) => !isSharing || dataKeys.length > 0)
    .map(({ name, isSharing, dataKeys }) => ({ name, dataKeys: isSharing ? dataKeys : [] }));
}

function holdsAgainst({ spec }: VaultSecret, rival: VaultSecret, target: ObservedSecret): boolean {
  // One that merges holds its keys, which only an adoption would take.
  const isWriter = !isMerging(rival.spec) || isAdopting(spec);
  return isWriter && ownEntry(target, rival.uid) !== undefined;
}

function mergingRivals({ vaultSecret, rivals }: Observed): readonly VaultSecret[] {
  const target = targetName(vaultSecret);
  return isMerging(vaultSecret.spec)
    ? rivals.filter((rival) => isMerging(rival.spec) && targetName(rival) === target)
    : [];
}

function sharedKeys({ vaultSecret }: Observed, rival: VaultSecret): readonly string[] {
  const theirs = new Set(rival.spec.data.map(({ dataKey }) => dataKey));
  return vaultSecret.spec.data.map(({ dataKey }) => dataKey).filter((key) => theirs.has(key));
}

/** Who wrote the key keeps it; if both or none did, the older one has it. */
function yields({ vaultSecret, target }: Observed, rival: VaultSecret, dataKey: string): boolean {
  const holds = ({ uid }: VaultSecret): boolean =>
    target !== undefined && ownEntry(target, uid)?.dataKeys.includes(dataKey) === true;
  if (holds(rival) !== holds(vaultSecret)) return holds(rival);
  return isActive(rival) && isOlder(rival, vaultSecret);
}

function precedes(rival: VaultSecret, vaultSecret: VaultSecret): boolean {
  const wroteIt = (one: VaultSecret): boolean => one.status.secretName === targetName(one);
  return wroteIt(rival) === wroteIt(vaultSecret) ? isOlder(rival, vaultSecret) : wroteIt(rival);
}
