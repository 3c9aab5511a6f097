import { finalizerChange } from '../secret/mergeFinalizer.ts';
import type { Observed, ObservedSecret } from '../observed/observed.ts';
import { mergedPart } from '../secret/mergedPart.ts';
import { marksOf } from '../secret/ownership.ts';
import { withdrawals } from '../secret/secretAction.ts';
import { keysLeftEvent, type PlannedEvent } from '../status/plannedEvent.ts';

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
    events: secrets.flatMap((secret) => keysLeft(observed, secret)),
    memory,
  };
}

/** Its owner took the label off: their word that we may not write it goes before ours that we clean up. */
function keysLeft({ vaultSecret }: Observed, secret: ObservedSecret): readonly PlannedEvent[] {
  if (secret.managed || secret.terminating) return [];
  const dataKeys = marksOf(secret, vaultSecret).flatMap(
    (mark) => mergedPart(secret, mark).dataKeys,
  );
  return dataKeys.length === 0 ? [] : [keysLeftEvent(secret, dataKeys)];
}
