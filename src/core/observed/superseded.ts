import type { VaultSecret } from './observed.ts';

/**
 * What was decided for this VaultSecret is not what it says now: it was edited, suspended, deleted or made again
 * while its sources were read. One that was being deleted then has nothing to change its mind about.
 */
export function isSuperseded(seen: VaultSecret, current: VaultSecret | undefined): boolean {
  if (seen.terminating) return false;
  const { uid, generation } = seen;
  const isSame = current?.uid === uid && current.generation === generation;
  return !isSame || current.terminating;
}
