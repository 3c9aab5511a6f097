import { fieldManagerOf } from '../api/meta.ts';
import type { FieldManager, Observed, ObservedSecret } from './observed.ts';

/** Whose fields become ours before we apply, so that whatever the spec does not name goes with the apply. */
export interface TakeOver {
  /** Field managers of VaultSecrets that are gone, after a restore or a re-creation: all of their fields. */
  readonly predecessors: readonly string[];
}

/** Undefined when there is nothing to take over. */
export function takeOverOf({ target, vaultSecret, rivals }: Observed): TakeOver | undefined {
  const live = new Set([vaultSecret, ...rivals].map(({ uid }) => fieldManagerOf(uid)));
  const predecessors = target?.managers
    .filter((manager) => isVaultSecrets(manager) && !live.has(manager.name))
    .map(({ name }) => name);
  return predecessors === undefined || predecessors.length === 0 ? undefined : { predecessors };
}

/** What is left to others. */
export function afterTakeOver(target: ObservedSecret, { predecessors }: TakeOver): ObservedSecret {
  const managers = target.managers.filter(
    (manager) => !isVaultSecrets(manager) || !predecessors.includes(manager.name),
  );
  return { ...target, managers };
}

function isVaultSecrets({ name, operation }: FieldManager): boolean {
  return operation === 'Apply' && name.startsWith(fieldManagerOf(''));
}
