import type { Observed, ObservedSecret, VaultSecret } from './observed.ts';
import { ownEntry } from './ownership.ts';
import { targetName } from './target.ts';

/**
 * The VaultSecret that was there first and keeps this one from writing.
 * Guarantees: of two that want one Secret exactly one is held back, whether or not their values differ:
 * who wrote it goes on, and where nobody did the older one begins.
 */
export function firstRival({ vaultSecret, target, rivals }: Observed): VaultSecret | undefined {
  if (target === undefined)
    return rivals.find((rival) => isActive(rival) && isOlder(rival, vaultSecret));
  if (target.owner === ownerOf(vaultSecret)) return undefined;
  return rivals.find((rival) => holds(rival, target));
}

/** VaultSecrets that want the same Secret and are held back by this one. */
export function heldBack({ vaultSecret, rivals }: Observed): readonly VaultSecret[] {
  const name = targetName(vaultSecret);
  return rivals.filter((rival) => !rival.terminating && targetName(rival) === name);
}

function holds(rival: VaultSecret, target: ObservedSecret): boolean {
  return target.owner === ownerOf(rival) || ownEntry(target, rival.uid) !== undefined;
}

function ownerOf({ namespace, name }: VaultSecret): string {
  return `${namespace}/${name}`;
}

function isActive({ terminating, problem, spec }: VaultSecret): boolean {
  return !terminating && problem === undefined && spec.suspend !== true;
}

function isOlder(left: VaultSecret, right: VaultSecret): boolean {
  return left.createdAt === right.createdAt
    ? left.uid < right.uid
    : left.createdAt < right.createdAt;
}
