import { fieldManagerOf } from '../api/meta.ts';
import type { VaultSecretStatus } from '../api/vaultSecret.ts';
import {
  desiredSecret,
  nextRecord,
  targetName,
  targetType,
  type DesiredSecret,
} from './desired.ts';
import { detectDrift, foreignDataKeys } from './drift.ts';
import { isDefinite } from './errorCatalogue.ts';
import { explain, ReconcileError, toReconcileError, type Result } from './errors.ts';
import type { KeyVaultSecret } from './keyVaultSecret.ts';
import type { Observed, ObservedSecret, SyncMemory, VaultSecret } from './observed.ts';
import { nextRefresh, refreshIntervalMs } from './schedule.ts';
import { isOwned, type Selection } from './select.ts';
import { failedStatus, readyStatus, suspendedStatus } from './status.ts';
import { formatRecord, parseRecord, type SyncRecord } from './syncRecord.ts';

/** Which state of the Secret a write is meant for; any other state refuses it. */
export type Fence =
  | { readonly kind: 'absent' }
  | { readonly kind: 'exactly'; readonly uid: string; readonly resourceVersion: string };

export type SecretAction =
  | { readonly kind: 'keep' }
  | {
      readonly kind: 'apply';
      readonly desired: DesiredSecret;
      readonly fence: Fence;
      /** Take back fields that somebody else set. */
      readonly force: boolean;
      /** Data keys of others, removed after the apply. */
      readonly prune: readonly string[];
    }
  /** The type of a Secret cannot be changed: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types */
  | { readonly kind: 'replace'; readonly desired: DesiredSecret; readonly former: Fence };

/** What becomes of the Secret under the target's former name. */
export interface FormerTarget {
  readonly kind: 'delete' | 'release';
  readonly name: string;
  readonly fence: Fence;
}

export interface PlannedEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  readonly note: string;
}

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

function secretAction(
  observed: Observed,
  desired: DesiredSecret,
  former: SyncRecord | undefined,
  record: SyncRecord,
): SecretAction {
  const { target, vaultSecret } = observed;
  if (target === undefined)
    return { kind: 'apply', desired, fence: { kind: 'absent' }, force: false, prune: [] };
  if (former !== undefined && former.type !== targetType(vaultSecret.spec)) {
    return { kind: 'replace', desired, former: fenceOf(target) };
  }
  const isSame = former !== undefined && formatRecord(former) === formatRecord(record);
  if (isSame && detectDrift(observed) === undefined) return { kind: 'keep' };
  const prune = foreignDataKeys(observed);
  return {
    kind: 'apply',
    desired,
    fence: fenceOf(target),
    force: isContested(observed, target, desired),
    prune,
  };
}

/** Because the write is fenced, what the managers own now is all that could conflict. */
function isContested(
  { vaultSecret }: Observed,
  target: ObservedSecret,
  desired: DesiredSecret,
): boolean {
  const ours = fieldManagerOf(vaultSecret.uid);
  return target.managers.some(
    ({ name, operation, dataKeys, labels, annotations }) =>
      (name !== ours || operation !== 'Apply') &&
      (dataKeys.some((key) => key in desired.data) ||
        labels.some((key) => key in desired.labels) ||
        annotations.some((key) => key in desired.annotations)),
  );
}

function formerTargets({ formerTargets: secrets, vaultSecret }: Observed): readonly FormerTarget[] {
  return secrets.map((secret) => ({
    kind: secret.ownerUids.includes(vaultSecret.uid) ? 'delete' : 'release',
    name: secret.name,
    fence: fenceOf(secret),
  }));
}

function fenceOf({ uid, resourceVersion }: ObservedSecret): Fence {
  return { kind: 'exactly', uid, resourceVersion };
}

function syncEvents(
  observed: Observed,
  former: SyncRecord | undefined,
  record: SyncRecord,
): readonly PlannedEvent[] {
  const name = targetName(observed.vaultSecret);
  const normal = (reason: string, note: string): PlannedEvent => ({
    type: 'Normal',
    reason,
    action: 'Apply',
    note,
  });
  const drift = detectDrift(observed);
  const isRepair = drift !== undefined && drift !== 'uncertain';
  const repaired = isRepair
    ? [
        normal(
          'DriftRepaired',
          `Somebody else changed Secret ${name}; it is as Key Vault says again.`,
        ),
      ]
    : [];
  if (former === undefined || former.syncedAt === record.syncedAt) return repaired;
  return [
    ...repaired,
    normal(
      'SecretUpdated',
      `Secret ${name} follows a change of its sources in Key Vault or of its spec.`,
    ),
  ];
}

function ownedByOther(vaultSecret: VaultSecret, target: ObservedSecret): ReconcileError {
  const owner = target.owner === undefined ? 'somebody else' : `VaultSecret ${target.owner}`;
  const { namespace } = vaultSecret;
  return new ReconcileError('TargetOwnedByOther', {
    details: { namespace, secret: target.name, owner },
  });
}

/** The last good Secret stays. An event only when the explanation is new. */
export function failed(observed: Observed, error: ReconcileError): Plan {
  const { vaultSecret, memory } = observed;
  const note = explain(error);
  const isNew =
    vaultSecret.status.conditions?.find(({ type }) => type === 'Ready')?.message !== note;
  return {
    ...nothing(observed),
    status: failedStatus(observed, error),
    events:
      isNew && isDefinite(error.reason)
        ? [{ type: 'Warning', reason: error.reason, action: 'Sync', note }]
        : [],
    memory: { ...memory, failed: true, lookLive: error.reason === 'TargetOwnedByOther' },
    error,
  };
}
