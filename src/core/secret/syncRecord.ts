import { ownProperty } from '../ownProperty.ts';
import { isDeepStrictEqual } from 'node:util';
import type { DataEntry } from '../../api/dataEntry.ts';
import type { VaultSecretSpec } from '../../api/vaultSecret.ts';
import { vaultUrlOf } from '../observed/connection.ts';
import { refKey, type KeyVaultSecretRef } from '../source/keyVaultSecret.ts';
import { entryKey, type SourceValue } from '../source/sourceRef.ts';
import type { Observed, ObservedSecret } from '../observed/observed.ts';
import { ownMark } from './ownership.ts';
import { parseRecord, timeSchema, type SourceRecord, type SyncRecord } from './recordFormat.ts';
import { renderRevision, vaultRevision } from './revision.ts';
import { freshStringData, overruledBy } from './stringData.ts';
import { isMerging, targetType } from '../observed/target.ts';

/** What the target was made from, as far as it is this VaultSecret's. */
export function ownRecord({
  target,
  vaultSecret,
}: Pick<Observed, 'target' | 'vaultSecret'>): SyncRecord | undefined {
  if (target === undefined) return undefined;
  const isPart = isMerging(vaultSecret.spec);
  return parseRecord(isPart ? ownMark(target, vaultSecret)?.record : target.record);
}

/** What says which versions the Secret holds. */
export interface InUse extends Pick<Observed, 'vaultSecret'> {
  readonly record: SyncRecord | undefined;
}

/** Which version of the object the Secret holds; where there is no record, held as far as the status says. */
export function versionInUse(
  { record, vaultSecret }: InUse,
  ref: KeyVaultSecretRef,
): string | undefined {
  if (record !== undefined) return ownProperty(record.sources, refKey(ref))?.version;
  const { sources = [] } = vaultSecret.status;
  return sources.find(({ name }) => name === ref.name)?.version;
}

/** The record of what was just read, after `former`; `syncedAt` moves only when a source or the rendering did. */
export function nextRecord(
  { vaultSecret: { spec }, connection, target, now }: Observed,
  former: SyncRecord | undefined,
  values: ReadonlyMap<string, SourceValue>,
  gone: readonly string[] = [],
): SyncRecord {
  const vaultUrl = vaultUrlOf(spec, connection);
  const record = {
    render: renderRevision(spec, vaultUrl),
    vault: vaultRevision(vaultUrl),
    type: targetType(spec),
    syncedAt: Math.floor(now / 1000),
    sources: sourcesOf(spec, values),
    ...(gone.length === 0 ? {} : { gone: gone.toSorted() }),
    ...mergedKeys(spec, gone),
    ...overruledNow(target, former?.overruled),
  };
  const isSame = former !== undefined && isSameContent(record, former);
  return isSame ? { ...record, syncedAt: former.syncedAt } : record;
}

function mergedKeys(spec: VaultSecretSpec, gone: readonly string[]): Pick<SyncRecord, 'dataKeys'> {
  if (!isMerging(spec)) return {};
  return { dataKeys: present(spec, gone).map(({ dataKey }) => dataKey) };
}

/** As it was, unless there is something new to overrule: tidying up is not worth a write. */
function overruledNow(
  target: ObservedSecret | undefined,
  former: readonly string[] | undefined,
): Pick<SyncRecord, 'overruled'> {
  if (target === undefined) return {};
  const isNew = freshStringData(target, former).length > 0;
  if (isNew) return { overruled: [...overruledBy(target)] };
  return former === undefined ? {} : { overruled: [...former] };
}

/** The entries whose data the Secret holds. */
export function presentEntries(
  spec: VaultSecretSpec,
  record: SyncRecord | undefined,
): readonly DataEntry[] {
  return present(spec, record?.gone ?? []);
}

function present({ data }: VaultSecretSpec, gone: readonly string[]): readonly DataEntry[] {
  return gone.length === 0 ? data : data.filter((entry) => !gone.includes(entryKey(entry)));
}

/** The record says the same, in whatever order and format it was written. */
export function isSameRecord(left: SyncRecord, right: SyncRecord): boolean {
  return isDeepStrictEqual(left, right);
}

/** The data are the same, whenever and however often they were written. */
export function isSameContent(left: SyncRecord, right: SyncRecord): boolean {
  const contentOf = ({ render, type, sources, gone }: SyncRecord): string =>
    JSON.stringify([
      render,
      type,
      Object.entries(sources).map(([key, { version }]) => [key, version]),
      gone,
    ]);
  return contentOf(left) === contentOf(right);
}

function sourcesOf(
  { data }: VaultSecretSpec,
  values: ReadonlyMap<string, SourceValue>,
): Record<string, SourceRecord> {
  const keys = [...new Set(data.map(entryKey))].toSorted();
  return Object.fromEntries(
    keys.flatMap((key) => {
      const read = values.get(key);
      return read === undefined ? [] : [[key, sourceOf(read)]];
    }),
  );
}

/** Key Vault takes any number for a time, milliseconds too: one that is none is left out. */
function sourceOf({ version, ...times }: SourceValue): SourceRecord {
  const expiresOn = timeSchema.safeParse(times.expiresOn);
  const supersededAt = timeSchema.safeParse(times.supersededAt);
  return {
    version,
    ...(expiresOn.success ? { expiresOn: expiresOn.data } : {}),
    ...(supersededAt.success ? { supersededAt: supersededAt.data } : {}),
  };
}
