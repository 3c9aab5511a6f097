import type { VaultSecretStatus } from '../../api/vaultSecret.ts';
import { conditionOf } from '../observed/conditions.ts';
import type { VaultSecret } from '../observed/observed.ts';

/** All VaultSecrets in a few numbers. */
export interface Fleet {
  /** By the status of their condition Ready. */
  readonly ready: Readonly<Record<'True' | 'False' | 'Unknown', number>>;
  /** Since when the longest of those that are not ready is not, milliseconds since the Unix epoch. */
  readonly notReadySince?: number;
  /** When the next object expires in Key Vault, milliseconds since the Unix epoch. */
  readonly nextExpiry?: number;
}

export function surveyFleet(vaultSecrets: readonly VaultSecret[]): Fleet {
  const ready = { True: 0, False: 0, Unknown: 0 };
  for (const { status } of vaultSecrets)
    ready[conditionOf(status, 'Ready')?.status ?? 'Unknown'] += 1;
  const notReadySince = earliest(vaultSecrets, notReadyTimes);
  const nextExpiry = earliest(vaultSecrets, expiryTimes);
  return {
    ready,
    ...(notReadySince === undefined ? {} : { notReadySince }),
    ...(nextExpiry === undefined ? {} : { nextExpiry }),
  };
}

function notReadyTimes(status: VaultSecretStatus): readonly string[] {
  const ready = conditionOf(status, 'Ready');
  return ready?.status === 'False' ? [ready.lastTransitionTime] : [];
}

function expiryTimes({ sources = [] }: VaultSecretStatus): readonly string[] {
  return sources.flatMap(({ expiresOn }) => (expiresOn === undefined ? [] : [expiresOn]));
}

function earliest(
  vaultSecrets: readonly VaultSecret[],
  timesOf: (status: VaultSecretStatus) => readonly string[],
): number | undefined {
  const first = vaultSecrets
    .flatMap(({ status }) => timesOf(status))
    .reduce((least, time) => Math.min(least, Date.parse(time)), Infinity);
  return first === Infinity ? undefined : first;
}
