import type { StoredSecret, Vault } from './vaultStore.ts';

/**
 * Where a secret stands between delete, recover and purge.
 * Guarantee: with no consistency delay set there are only active, deleted and (by absence) purged.
 * With a delay the vault disagrees with itself as recorded: after delete it is "being deleted" (the
 * name is blocked, and neither the deleted secret nor its listing shows it), after recover GET fails.
 */
export type SecretState = 'active' | 'recovering' | 'beingDeleted' | 'nameBlocked' | 'deleted';

export function stateOf(vault: Vault, secret: StoredSecret, nowMs: number): SecretState {
  const delayMs = vault.faults.consistencyDelayMs ?? 0;
  if (secret.deletedAtMs !== undefined) {
    const sinceMs = nowMs - secret.deletedAtMs;
    if (sinceMs >= delayMs) return 'deleted';
    // PUT sees the settled refusal before purge, recover and the deleted list do.
    return sinceMs < delayMs / 2 ? 'beingDeleted' : 'nameBlocked';
  }
  const { recoveredAtMs } = secret;
  const isRecovering = recoveredAtMs !== undefined && nowMs - recoveredAtMs < delayMs;
  return isRecovering ? 'recovering' : 'active';
}

export function isRestoreBlocked(vault: Vault, name: string, nowMs: number): boolean {
  const purgedAtMs = vault.purgedAtMs.get(name.toUpperCase());
  if (purgedAtMs === undefined) return false;
  return nowMs - purgedAtMs < (vault.faults.consistencyDelayMs ?? 0);
}
