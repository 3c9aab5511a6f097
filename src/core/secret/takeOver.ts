import { fieldManagerOf } from '../../api/meta.ts';
import type { FieldManager, Observed, VaultSecret } from '../observed/observed.ts';
import { marksOf, otherEntries } from './ownership.ts';
import { isMerging } from '../observed/target.ts';

/** Whose fields become ours before we apply, so that whatever the spec does not name goes with the apply. */
export interface TakeOver {
  /**
   * Field managers of VaultSecrets that are gone, after a restore or a re-creation, and of the one that hands the Secret
   * over: all of their fields.
   */
  readonly predecessors: readonly string[];
  /** The data keys of everybody, too: the Secret is adopted. */
  readonly allData: boolean;
}

interface OwnerFacts {
  /** The target belongs to the VaultSecret, whole. */
  readonly isOwned: boolean;
  readonly formerOwner: VaultSecret | undefined;
}

/** Undefined when there is nothing to take over. */
export function takeOverOf(
  { target, vaultSecret, rivals }: Observed,
  { isOwned, formerOwner: former }: OwnerFacts,
): TakeOver | undefined {
  if (target === undefined) return undefined;
  const others = rivals.filter(({ uid }) => uid !== former?.uid);
  const live = new Set([vaultSecret, ...others].map(({ uid }) => fieldManagerOf(uid)));
  const isPart = isMerging(vaultSecret.spec);
  const namesakes = marksOf(target, vaultSecret).map(({ uid }) => fieldManagerOf(uid));
  const predecessors = target.managers
    .filter((manager) => isVaultSecrets(manager) && !live.has(manager.name))
    .map(({ name }) => name)
    .filter((name) => !isPart || namesakes.includes(name));
  const allData =
    !isPart &&
    former === undefined &&
    !isOwned &&
    otherEntries(target, vaultSecret.uid).some(hasData);
  return allData || predecessors.length > 0 ? { predecessors, allData } : undefined;
}

function hasData({ dataKeys, stringDataKeys }: FieldManager): boolean {
  return dataKeys.length + stringDataKeys.length > 0;
}

function isVaultSecrets({ name, operation }: FieldManager): boolean {
  return operation === 'Apply' && name.startsWith(fieldManagerOf(''));
}
