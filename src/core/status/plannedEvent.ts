import { managedLabel } from '../../api/meta.ts';
import type { VaultSecretStatus } from '../../api/vaultSecret.ts';
import { conditionOf } from '../observed/conditions.ts';
import { askedText } from './askedRefresh.ts';
import type { Diagnosis } from '../diagnose/diagnosis.ts';
import { isDeletedByPolicy } from '../diagnose/gone.ts';
import { isDefinite } from '../errors/errorCatalogue.ts';
import { explain, type ReconcileError } from '../errors/errors.ts';
import type { ObservedSecret, VaultSecret } from '../observed/observed.ts';
import { externalChangeVerbs } from '../diagnose/secretDefect.ts';
import { someNames } from '../someNames.ts';
import { isToken, refOf, sourceKey } from '../source/sourceRef.ts';
import { isDamaged, type SyncRecord } from '../secret/recordFormat.ts';
import { isSameContent } from '../secret/syncRecord.ts';
import { targetName } from '../observed/target.ts';

export interface PlannedEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  readonly note: string;
  /** Only when the write changed the Secret, which only the API server can tell. */
  readonly ifChanged?: true;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/: at most 1kB. */
export const longestNote = 1_024;

/** None for a first success: at scale it would be a third write. */
export function syncEvents(
  vaultSecret: VaultSecret,
  { record: former, takeOver }: Pick<Diagnosis, 'record' | 'takeOver'>,
  reason: string,
  record: SyncRecord,
): readonly PlannedEvent[] {
  const name = targetName(vaultSecret);
  const changed = externalChangeVerbs[reason];
  const events: PlannedEvent[] = [];
  if (takeOver?.allData === true) {
    events.push(applied('SecretAdopted', `Secret ${name}, which others had made, is taken over.`));
    // A Secret that is taken over, after a restore or a re-creation, was not changed by another client.
  } else if (changed !== undefined && vaultSecret.status.secretName === name) {
    const note = `Somebody else ${changed} Secret ${name}; it is as Key Vault says again.`;
    events.push({ ...applied('DriftRepaired', note), ifChanged: true });
  }
  const update = updateOf(vaultSecret, former, record);
  if (update !== undefined) events.push(update);
  return events;
}

function updateOf(
  vaultSecret: VaultSecret,
  former: SyncRecord | undefined,
  record: SyncRecord,
): PlannedEvent | undefined {
  const name = targetName(vaultSecret);
  if (isDeletedByPolicy(vaultSecret))
    return applied('SecretUpdated', `Secret ${name} is there again, because its objects are.`);
  if (former === undefined || isDamaged(former)) return undefined;
  const isRenewalAlone = isSameContent(
    withoutTokens(former, vaultSecret),
    withoutTokens(record, vaultSecret),
  );
  // A token is renewed many times a day.
  if (isRenewalAlone) return undefined;
  const left = record.gone?.filter((key) => former.gone?.includes(key) !== true) ?? [];
  if (left.length > 0) {
    const note = `Key Vault does not have ${someNames(left)} any more: the data left Secret ${name}, and come back with the object.`;
    return applied('DataRemoved', note);
  }
  const note = `Secret ${name} follows a change of its sources in Key Vault or of its spec.`;
  return applied('SecretUpdated', note);
}

function withoutTokens(record: SyncRecord, { spec }: VaultSecret): SyncRecord {
  const tokens = spec.data.map(refOf).filter(isToken).map(sourceKey);
  const kept = Object.entries(record.sources).filter(([key]) => !tokens.includes(key));
  return { ...record, sources: Object.fromEntries(kept) };
}

/** As spec.target.deletionPolicy says. */
export function deletionEvent(vaultSecret: VaultSecret, gone: readonly string[]): PlannedEvent {
  const note = `Secret ${targetName(vaultSecret)} is deleted: Key Vault does not have ${someNames(gone)} any more. It is made again when one is back.`;
  return { type: 'Normal', reason: 'SecretDeleted', action: 'Delete', note };
}

/** The VaultSecret is gone by then, so an event is all that can say so. */
export function keysLeftEvent(
  { namespace, name }: ObservedSecret,
  dataKeys: readonly string[],
): PlannedEvent {
  const patch = JSON.stringify({ data: { [dataKeys[0] ?? '']: null } });
  const note = `Secret ${name} keeps ${someNames(dataKeys)}, which were merged into it: its owner had taken the label ${managedLabel} off, so it was not ours to write. Who may update it removes a key by: kubectl patch secret ${name} --namespace ${namespace} --type merge --patch '${patch}'`;
  return { type: 'Warning', reason: 'MergedKeysLeft', action: 'Withdraw', note };
}

/** An event only when the explanation is new, and a user must act on it or requested the refresh that failed. */
export function failureEvents(
  { status }: VaultSecret,
  error: ReconcileError,
  next: VaultSecretStatus,
): readonly PlannedEvent[] {
  const type = isDefinite(error.reason) ? 'Ready' : 'Reconciling';
  const note = isDefinite(error.reason) ? explain(error) : askedText(error);
  const isSaid = conditionOf(next, type)?.message === note;
  return isSaid && conditionOf(status, type)?.message !== note
    ? [{ type: 'Warning', reason: error.reason, action: 'Sync', note: note.slice(0, longestNote) }]
    : [];
}

function applied(reason: string, note: string): PlannedEvent {
  return { type: 'Normal', reason, action: 'Apply', note };
}
