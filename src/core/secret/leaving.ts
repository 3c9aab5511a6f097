import { finalizerChange } from './mergeFinalizer.ts';
import type { Observed } from '../observed/observed.ts';
import { withdrawals } from './secretAction.ts';

/** The VaultSecret goes: what it merged into Secrets of others goes before it. Neither suspended nor unreadable keeps it from that. */
export function leaving(observed: Observed) {
  const { vaultSecret, target, formerTargets, memory } = observed;
  const secrets = target === undefined ? formerTargets : [target, ...formerTargets];
  const writes = {
    secret: { kind: 'keep' },
    formerTargets: secrets.flatMap((secret) => withdrawals(secret, vaultSecret)),
  } as const;
  const finalizer = finalizerChange(observed, writes);
  return {
    ...writes,
    ...(finalizer === undefined ? {} : { finalizer }),
    status: vaultSecret.status,
    events: [],
    memory,
  };
}
