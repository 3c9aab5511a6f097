import type { VaultSecretStatus } from '../api/vaultSecret.ts';
import { desiredSecret, nextRecord } from './desired.ts';
import { ReconcileError, toReconcileError, type Result } from './errors.ts';
import type { KeyVaultSecret } from './keyVaultSecret.ts';
import type { Observed, ObservedSecret, SyncMemory, VaultSecret } from './observed.ts';
import { failureEvents, syncEvents, type PlannedEvent } from './plannedEvent.ts';
import { nextRefresh, refreshIntervalMs } from './schedule.ts';
import {
  formerTargets,
  secretAction,
  type FormerTarget,
  type SecretAction,
} from './secretAction.ts';
import { isOwned, type Selection } from './select.ts';
import { failedStatus, readyStatus, suspendedStatus } from './status.ts';
import { parseRecord } from './syncRecord.ts';

/** Everything that will be done, as data: the CLI prints the very value that is applied. */
export interface Plan {
  readonly secret: SecretAction;
  readonly formerTargets: readonly FormerTarget[];
  readonly status: VaultSecretStatus;
  readonly events: readonly PlannedEvent[];
  /** What to remember once it is applied. */
  readonly memory: SyncMemory;
  readonly requeueAfterMs?: number;
  /** Why the Secret could not be made true; the last good one stays. */
  readonly error?: ReconcileError;
}

export type Fetched = ReadonlyMap<string, Result<KeyVaultSecret>>;

/** Decides; touches nothing. `fetched` holds a result for each of the selection's refs. */
export function plan(observed: Observed, selection: Selection, fetched: Fetched): Plan {
  const { vaultSecret, target, now } = observed;
  if (vaultSecret.problem !== undefined)
    return failed(observed, new ReconcileError('InvalidSpec', { details: vaultSecret.problem }));
  if (vaultSecret.spec.suspend === true) {
    return { ...nothing(observed), status: suspendedStatus(vaultSecret, now) };
  }
  if (target !== undefined && !isOwned(target, vaultSecret))
    return failed(observed, ownedByOther(vaultSecret, target));
  if (!selection.identity.ok) return failed(observed, selection.identity.error);
  const values = new Map<string, KeyVaultSecret>();
  for (const [key, result] of fetched) {
    if (!result.ok) return failed(observed, result.error);
    values.set(key, result.value);
  }
  try {
    return selection.reason === undefined ? unchanged(observed) : synced(observed, values);
  } catch (thrown) {
    return failed(observed, toReconcileError(thrown));
  }
}

function nothing({ memory }: Observed) {
  return {
    secret: { kind: 'keep' },
    formerTargets: [],
    events: [],
    memory: { ...memory, failed: false },
  } as const;
}

/** Nothing had to be read: the Secret's own record says what it holds. */
function unchanged(observed: Observed): Plan {
  const { vaultSecret, target, memory, now } = observed;
  const record = parseRecord(target?.record);
  const status = record === undefined ? vaultSecret.status : readyStatus(vaultSecret, record, now);
  return {
    ...nothing(observed),
    formerTargets: formerTargets(observed),
    status,
    requeueAfterMs: Math.max(memory.refreshAt - now, 0),
  };
}

function synced(observed: Observed, values: ReadonlyMap<string, KeyVaultSecret>): Plan {
  const { vaultSecret, target, now } = observed;
  const former = parseRecord(target?.record);
  const record = nextRecord(vaultSecret.spec, values, former, now);
  const desired = desiredSecret(vaultSecret, values, record);
  const intervalMs = refreshIntervalMs(vaultSecret.spec);
  const refreshAt = nextRefresh(now, intervalMs, vaultSecret.uid);
  return {
    secret: secretAction(observed, desired, former, record),
    formerTargets: formerTargets(observed),
    status: readyStatus(vaultSecret, record, now),
    events: syncEvents(observed, former, record),
    memory: { ...observed.memory, refreshAt, verifiedAt: now, failed: false, lookLive: false },
    requeueAfterMs: refreshAt - now,
  };
}

function ownedByOther(vaultSecret: VaultSecret, target: ObservedSecret): ReconcileError {
  const owner = target.owner === undefined ? 'somebody else' : `VaultSecret ${target.owner}`;
  const { namespace } = vaultSecret;
  return new ReconcileError('TargetOwnedByOther', {
    details: { namespace, secret: target.name, owner },
  });
}

/** The last good Secret stays. */
export function failed(observed: Observed, error: ReconcileError): Plan {
  const { vaultSecret, memory } = observed;
  return {
    ...nothing(observed),
    status: failedStatus(observed, error),
    events: failureEvents(vaultSecret, error),
    memory: { ...memory, failed: true, lookLive: error.reason === 'TargetOwnedByOther' },
    error,
  };
}
