import { apiVersion, managedLabel, ownerAnnotation, syncRecordAnnotation } from '../api/meta.ts';
import { forbiddenSecretTypes, isReservedKey } from '../api/forbidden.ts';
import { defaultSecretType, type VaultSecretSpec } from '../api/vaultSecret.ts';
import { ReconcileError } from './errors.ts';
import type { VaultSecret } from './observed.ts';
import { renderData, type SecretData } from './render.ts';
import {
  formatRecord,
  recordLimitBytes,
  renderRevision,
  type SourceRecord,
  type SyncRecord,
} from './syncRecord.ts';
import { refKey, type KeyVaultSecret } from './keyVaultSecret.ts';
import { reveal } from './redacted.ts';

/** Limit of the API server for all values of a Secret together: https://kubernetes.io/docs/concepts/configuration/secret/ */
const dataLimitBytes = 1024 * 1024;

/** The Secret as it is applied; values stay redacted until the request is written. */
export interface DesiredSecret {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly ownerReference?: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
  };
  readonly data: SecretData;
}

export function targetName({ name, spec }: VaultSecret): string {
  return spec.target?.name ?? name;
}

export function targetType(spec: VaultSecretSpec): string {
  return spec.target?.type ?? defaultSecretType;
}

/** @throws ReconcileError InvalidSpec, ValueNotDecodable, SecretTooLarge */
export function desiredSecret(
  vaultSecret: VaultSecret,
  values: ReadonlyMap<string, KeyVaultSecret>,
  record: SyncRecord,
): DesiredSecret {
  refuseForbidden(vaultSecret.spec);
  const { namespace, name, uid, spec } = vaultSecret;
  const data = renderData(spec.data, values);
  const recordText = formatRecord(record);
  const secret = `${namespace}/${targetName(vaultSecret)}`;
  const dataBytes = Object.values(data).reduce(
    (total, value) => total + Buffer.byteLength(reveal(value), 'base64'),
    0,
  );
  refuseTooLarge(secret, 'its data', dataBytes, dataLimitBytes);
  refuseTooLarge(secret, 'its sync record', Buffer.byteLength(recordText), recordLimitBytes);
  return {
    namespace,
    name: targetName(vaultSecret),
    type: targetType(spec),
    labels: { ...spec.target?.labels, [managedLabel]: 'true' },
    annotations: {
      ...spec.target?.annotations,
      [ownerAnnotation]: `${namespace}/${name}`,
      [syncRecordAnnotation]: recordText,
    },
    ...(spec.target?.creationPolicy === 'Orphan'
      ? {}
      : { ownerReference: { apiVersion, kind: 'VaultSecret', name, uid } }),
    data,
  };
}

/** The record of what was just read; `syncedAt` moves only when a source or the rendering did. */
export function nextRecord(
  spec: VaultSecretSpec,
  values: ReadonlyMap<string, KeyVaultSecret>,
  former: SyncRecord | undefined,
  now: number,
): SyncRecord {
  const sources: Record<string, SourceRecord> = {};
  for (const { secret } of spec.data) {
    const read = values.get(refKey(secret));
    if (read === undefined) continue;
    sources[refKey(secret)] = {
      version: read.version,
      ...(read.expiresOn === undefined ? {} : { expiresOn: read.expiresOn }),
    };
  }
  const record = {
    render: renderRevision(spec),
    type: targetType(spec),
    syncedAt: former?.syncedAt ?? 0,
    sources,
  };
  const isUnchanged = former !== undefined && formatRecord(record) === formatRecord(former);
  return isUnchanged ? former : { ...record, syncedAt: Math.floor(now / 1000) };
}

/** The schema refuses the same; a VaultSecret stored before the schema did must not pass either. */
function refuseForbidden(spec: VaultSecretSpec): void {
  const { labels = {}, annotations = {} } = spec.target ?? {};
  if (forbiddenSecretTypes.includes(targetType(spec)))
    refuse('spec.target.type', 'must not be a credential type');
  for (const [field, keys] of [
    ['labels', labels],
    ['annotations', annotations],
  ] as const) {
    const reserved = Object.keys(keys).find(isReservedKey);
    if (reserved !== undefined)
      refuse(`spec.target.${field}`, `must not set the reserved key ${reserved}`);
  }
}

function refuse(field: string, problem: string): never {
  throw new ReconcileError('InvalidSpec', { details: { field, problem } });
}

function refuseTooLarge(secret: string, part: string, size: number, limit: number): void {
  if (size > limit)
    throw new ReconcileError('SecretTooLarge', { details: { secret, part, size, limit } });
}
