import {
  managedLabel,
  mergeOwnerAnnotation,
  mergeRecordAnnotation,
  ownerAnnotation,
  syncRecordAnnotation,
} from '../../../src/api/meta.ts';
import type { DesiredSecret } from '../../../src/core/secret/desired.ts';
import type { FieldManager, ObservedSecret } from '../../../src/core/observed/observed.ts';
import { reveal } from '../../../src/core/redacted.ts';
import type { TakeOver } from '../../../src/core/secret/takeOver.ts';
import { KubeApiError } from '../../../src/ports/kube.ts';
import type { Stored } from '../../../src/ports/stored.ts';

/** `data/KEY`, `label/KEY`, `annotation/KEY`, `owner/UID`: to the value. Owned as well: `stringData/KEY`. */
export type Fields = ReadonlyMap<string, string>;

export interface Entry {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  time: string;
  readonly paths: Set<string>;
}

export interface LiveSecret {
  readonly uid: string;
  readonly type: string;
  readonly fields: Map<string, string>;
  readonly entries: Entry[];
  resourceVersion: number;
  immutable: boolean;
}

export function refusal(status: number, reason?: string, field = ''): KubeApiError {
  const causes = reason === undefined ? [] : [{ reason, field, message: '' }];
  return new KubeApiError({ status, reason: '', message: `status ${status}`, causes });
}

export function entryOf(
  { entries }: LiveSecret,
  name: string,
  operation: Entry['operation'],
): Entry {
  const found = entries.find((entry) => entry.name === name && entry.operation === operation);
  if (found !== undefined) return found;
  const entry: Entry = { name, operation, time: '', paths: new Set() };
  entries.push(entry);
  return entry;
}

/** What nobody manages belongs to `before-first-apply` from the first apply on. */
export function claimUnmanaged(secret: LiveSecret): void {
  if (secret.entries.length > 0) return;
  for (const path of secret.fields.keys())
    entryOf(secret, 'before-first-apply', 'Update').paths.add(path);
}

/**
 * Server-side apply as kube-apiserver 1.36.3 does it: equal values are shared, others are a conflict unless
 * forced, fields that are not applied any more go when nobody else has them. True when anything moved.
 */
export function applyFields(
  secret: LiveSecret,
  entry: Entry,
  wanted: Fields,
  force: boolean,
): boolean {
  const others = secret.entries.filter((other) => other !== entry);
  const isShared = (path: string): boolean => others.some(({ paths }) => paths.has(path));
  const changed = [...wanted].filter(([path, value]) => secret.fields.get(path) !== value);
  const contested = changed.find(([path]) => isShared(path));
  if (contested !== undefined && !force) throw refusal(409, 'FieldManagerConflict', contested[0]);
  const dropped = [...entry.paths].filter((path) => !wanted.has(path));
  refuseImmutable(secret, [...changed.map(([path]) => path), ...dropped]);
  const isNew = [...wanted.keys()].some((path) => !entry.paths.has(path));
  for (const [path, value] of changed) {
    secret.fields.set(path, value);
    for (const { paths } of others) paths.delete(path);
  }
  for (const path of dropped.filter((one) => !isShared(one))) secret.fields.delete(path);
  entry.paths.clear();
  for (const path of wanted.keys()) entry.paths.add(path);
  return isNew || changed.length + dropped.length > 0;
}

/** A patch of managedFields: the fields stay as they are. */
export function takeFields(
  { entries }: LiveSecret,
  entry: Entry,
  { predecessors, allData }: TakeOver,
): void {
  for (const { name, operation, paths } of entries.filter((other) => other !== entry)) {
    const isGone = operation === 'Apply' && predecessors.includes(name);
    for (const path of paths) {
      const isData = allData && /^(data|stringData)[/]/.test(path);
      if (!isGone && !isData) continue;
      paths.delete(path);
      entry.paths.add(path.replace('stringData/', 'data/'));
    }
  }
}

/** A patch or update takes what it changes from everybody else. True when anything moved. */
export function updateFields(
  secret: LiveSecret,
  entry: Entry,
  changes: ReadonlyMap<string, string | undefined>,
): boolean {
  const changed = [...changes].filter(([path, value]) => secret.fields.get(path) !== value);
  refuseImmutable(
    secret,
    changed.map(([path]) => path),
  );
  for (const [path, value] of changed) {
    for (const { paths } of secret.entries) paths.delete(path);
    if (value === undefined) secret.fields.delete(path);
    else secret.fields.set(path, value);
    if (value !== undefined) entry.paths.add(path);
  }
  return changed.length > 0;
}

function refuseImmutable({ immutable }: LiveSecret, paths: readonly string[]): void {
  if (immutable && paths.some((path) => path.startsWith('data/')))
    throw refusal(422, 'FieldValueForbidden', 'data');
}

export function fieldsOf(desired: DesiredSecret): Fields {
  const { data, labels, annotations, ownerReference } = desired;
  const at = (prefix: string, entries: Readonly<Record<string, string>>) =>
    Object.entries(entries).map(([key, value]) => [`${prefix}/${key}`, value] as const);
  return new Map([
    ...Object.entries(data).map(([key, value]) => [`data/${key}`, reveal(value)] as const),
    ...at('label', labels),
    ...at('annotation', annotations),
    ...at('owner', ownerReference === undefined ? {} : { [ownerReference.uid]: '' }),
  ]);
}

/** The metadata-only answer. */
export function stored(name: string, secret: LiveSecret): Stored<ObservedSecret> {
  const { uid, fields, entries, resourceVersion } = secret;
  const owner = fields.get(`annotation/${ownerAnnotation}`);
  const record = fields.get(`annotation/${syncRecordAnnotation}`);
  const fence = { namespace: 'shop', name, uid, resourceVersion: String(resourceVersion) };
  return {
    metadata: fence,
    body: {
      ...fence,
      terminating: false,
      managed: fields.get(`label/${managedLabel}`) === 'true',
      ...(owner === undefined ? {} : { owner }),
      ownerUids: keysUnder('owner/', fields.keys()),
      ...(record === undefined ? {} : { record }),
      marks: keysUnder(`annotation/${mergeOwnerAnnotation('')}`, fields.keys()).map((markUid) => ({
        uid: markUid,
        owner: fields.get(`annotation/${mergeOwnerAnnotation(markUid)}`) ?? '',
        record: fields.get(`annotation/${mergeRecordAnnotation(markUid)}`) ?? '',
      })),
      managers: entries.filter(({ paths }) => paths.size > 0).map(asFieldManager),
    },
  };
}

function asFieldManager({ name, operation, time, paths }: Entry): FieldManager {
  return {
    name,
    operation,
    time,
    dataKeys: keysUnder('data/', paths),
    stringDataKeys: keysUnder('stringData/', paths),
    labels: keysUnder('label/', paths),
    annotations: keysUnder('annotation/', paths),
  };
}

export function keysUnder(prefix: string, paths: Iterable<string>): readonly string[] {
  return [...paths].flatMap((path) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []));
}
