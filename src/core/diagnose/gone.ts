import { deletionPolicy } from '../observed/target.ts';
import type { VaultSecret } from '../observed/observed.ts';
import { entryKey } from '../source/sourceRef.ts';

/** With policy Delete there is no Secret while all of its objects are gone. */
export function isDeletedByPolicy(vaultSecret: VaultSecret): boolean {
  const gone = goneBefore(vaultSecret);
  const { data } = vaultSecret.spec;
  return (
    deletionPolicy(vaultSecret.spec) === 'Delete' &&
    data.every((entry) => gone.includes(entryKey(entry)))
  );
}

/** Objects that are gone according to the status of this generation, by `sourceKey`. */
export function goneBefore({ status, generation }: VaultSecret): readonly string[] {
  return status.observedGeneration === generation ? (status.gone ?? []) : [];
}
