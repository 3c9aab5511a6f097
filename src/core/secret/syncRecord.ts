import { z } from 'zod';
import type { DataEntry } from '../../api/dataEntry.ts';
import type { VaultSecretSpec } from '../../api/vaultSecret.ts';
import { vaultUrlOf } from '../observed/connection.ts';
import { refKey, type KeyVaultSecretRef } from '../source/keyVaultSecret.ts';
import { entryKey, type SourceValue } from '../source/sourceRef.ts';
import type { Observed, ObservedSecret } from '../observed/observed.ts';
import { lastSecond } from '../rfc3339.ts';
import { ownMark } from './ownership.ts';
import { renderRevision, vaultRevision } from './revision.ts';
import { freshStringData, overruledBy } from './stringData.ts';
import { isMerging, targetType } from '../observed/target.ts';

/** Annotations of an object may have 262,144 bytes together; half is left to others. */
export const recordLimitBytes = 128 * 1024;

/** Seconds since the Unix epoch that a status can write. */
const timeSchema = z.int().min(0).max(lastSecond);

const sourceSchema = z.object({
  version: z.string(),
  expiresOn: timeSchema.optional(),
  /** A newer version that is there already becomes valid. */
  supersededAt: timeSchema.optional(),
});

const recordSchema = z.object({
  /** Hash of the spec's render inputs; never of a value. */
  render: z.string(),
  /** Hash of the vault's URL, which is not everybody's to know. */
  vault: z.string(),
  type: z.string(),
  /** The data last changed. */
  syncedAt: timeSchema,
  /** By `sourceKey`. */
  sources: z.record(z.string(), sourceSchema),
  /** Objects of the spec that the Secret is without, because Key Vault is. */
  gone: z.array(z.string()).optional(),
  /** What was merged into a Secret of others, should managedFields be cleared. */
  dataKeys: z.array(z.string()).optional(),
  /** Applies of stringData whose values this write replaced. */
  overruled: z.array(z.string()).optional(),
});

/**
 * What the Secret was made from. It stands in the Secret itself, written with the data in one request,
 * so that a crash, a restart or a restored backup is told from the Secret alone.
 */
export type SyncRecord = z.infer<typeof recordSchema>;
type SourceRecord = z.infer<typeof sourceSchema>;

/** An annotation beyond the limit is not ours, and as good as none: nothing of it is kept. */
export function keptRecord(annotation: string | undefined): string | undefined {
  const isOurs = annotation !== undefined && Buffer.byteLength(annotation) <= recordLimitBytes;
  return isOurs ? annotation : undefined;
}

/** Undefined when there is none or somebody spoilt it: then everything is read again. */
export function parseRecord(annotation: string | undefined): SyncRecord | undefined {
  if (annotation === undefined) return undefined;
  try {
    return recordSchema.safeParse(JSON.parse(annotation)).data;
  } catch {
    return undefined;
  }
}

export function formatRecord(record: SyncRecord): string {
  return JSON.stringify(record);
}

/** What the target was made from, as far as it is this VaultSecret's. */
export function ownRecord({
  target,
  vaultSecret,
}: Pick<Observed, 'target' | 'vaultSecret'>): SyncRecord | undefined {
  if (target === undefined) return undefined;
  const isPart = isMerging(vaultSecret.spec);
  return parseRecord(isPart ? ownMark(target, vaultSecret)?.record : target.record);
}

/** Which version of the object the Secret holds; where there is no record, held as far as the status says. */
export function versionInUse(
  observed: Pick<Observed, 'target' | 'vaultSecret'>,
  ref: KeyVaultSecretRef,
): string | undefined {
  const record = ownRecord(observed);
  if (record !== undefined) return record.sources[refKey(ref)]?.version;
  const { sources = [] } = observed.vaultSecret.status;
  return sources.find(({ name }) => name === ref.name)?.version;
}

/** The record of what was just read; `syncedAt` moves only when a source or the rendering did. */
export function nextRecord(
  observed: Observed,
  values: ReadonlyMap<string, SourceValue>,
  gone: readonly string[] = [],
): SyncRecord {
  const { connection, target, now } = observed;
  const { spec } = observed.vaultSecret;
  const former = ownRecord(observed);
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
