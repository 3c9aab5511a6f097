import { conditionOf } from '../observed/conditions.ts';
import type { VaultSecret } from '../observed/observed.ts';

/** All VaultSecrets in a few numbers. */
export interface Fleet {
  /** By the status of their condition Ready. */
  readonly ready: Readonly<Record<'True' | 'False' | 'Unknown', number>>;
  /** Since when the longest of those that are not ready is not, milliseconds since the Unix epoch. Not of suspended ones. */
  readonly notReadySince?: number;
  /** When the next object expires in Key Vault, milliseconds since the Unix epoch. */
  readonly nextExpiry?: number;
}

export function surveyFleet(vaultSecrets: readonly VaultSecret[]): Fleet {
  const ready = { True: 0, False: 0, Unknown: 0 };
  for (const { status } of vaultSecrets)
    ready[conditionOf(status, 'Ready')?.status ?? 'Unknown'] += 1;
  const notReadySince = earliest(vaultSecrets.flatMap(notReadyTime));
  const nextExpiry = earliest(vaultSecrets.flatMap(expiryTimes));
  return {
    ready,
    ...(notReadySince === undefined ? {} : { notReadySince }),
    ...(nextExpiry === undefined ? {} : { nextExpiry }),
  };
}

/** One that was not reconciled yet is not ready since its creation. */
function notReadyTime({ status, createdAt }: VaultSecret): readonly number[] {
  const ready = conditionOf(status, 'Ready');
  if (ready?.status === 'True' || ready?.reason === 'Suspended') return [];
  return [ready === undefined ? createdAt : Date.parse(ready.lastTransitionTime)];
}

function expiryTimes({ status: { sources = [] } }: VaultSecret): readonly number[] {
  return sources.flatMap(({ expiresOn }) =>
    expiresOn === undefined ? [] : [Date.parse(expiresOn)],
  );
}

function earliest(times: readonly number[]): number | undefined {
  const first = times.reduce((least, time) => Math.min(least, time), Infinity);
  return first === Infinity ? undefined : first;
}
