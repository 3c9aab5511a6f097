import {
  apiVersion,
  managedLabel,
  mergeOwnerAnnotation,
  mergeRecordAnnotation,
  ownerAnnotation,
  syncRecordAnnotation,
} from '../../api/meta.ts';
import { ReconcileError } from '../errors/errors.ts';
import type { SourceValue } from '../source/sourceRef.ts';
import { namespacedName } from '../namespacedName.ts';
import type { VaultSecret } from '../observed/observed.ts';
import { reveal } from '../redacted.ts';
import { renderData, type SecretData } from './render.ts';
import { formatRecord, recordLimitBytes, type SyncRecord } from './recordFormat.ts';
import { presentEntries } from './syncRecord.ts';
import { isMerging, isOwnerTarget, targetName, targetType } from '../observed/target.ts';

/** Limit of the API server for all values of a Secret together: https://kubernetes.io/docs/concepts/configuration/secret/ */
const dataLimitBytes = 1024 * 1024;

/** The Secret as it is applied; values stay redacted until the request is written. */
export interface DesiredSecret {
  readonly namespace: string;
  readonly name: string;
  /** Undefined where it is not ours to say. */
  readonly type?: string;
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

/** @throws ReconcileError ValueNotDecodable, SecretTooLarge */
export function desiredSecret(
  vaultSecret: VaultSecret,
  values: ReadonlyMap<string, SourceValue>,
  record: SyncRecord,
): DesiredSecret {
  const { namespace, spec } = vaultSecret;
  const secret = targetName(vaultSecret);
  const data = renderData(targetType(spec), presentEntries(spec, record), values);
  const recordText = formatRecord(record);
  refuseTooLarge(secret, 'its data', sizeOf(data), dataLimitBytes);
  refuseTooLarge(secret, 'its sync record', Buffer.byteLength(recordText), recordLimitBytes);
  const frame = isMerging(spec)
    ? mergedFrame(vaultSecret, recordText)
    : ownFrame(vaultSecret, recordText);
  return { namespace, name: secret, ...frame, data };
}

type Frame = Omit<DesiredSecret, 'namespace' | 'name' | 'data'>;

/** The Secret is ours. */
function ownFrame(vaultSecret: VaultSecret, record: string): Frame {
  const { name, uid, spec } = vaultSecret;
  return {
    type: targetType(spec),
    labels: { ...spec.target?.labels, [managedLabel]: 'true' },
    annotations: {
      ...spec.target?.annotations,
      [ownerAnnotation]: namespacedName(vaultSecret),
      [syncRecordAnnotation]: record,
    },
    ...(isOwnerTarget(spec)
      ? { ownerReference: { apiVersion, kind: 'VaultSecret', name, uid } }
      : {}),
  };
}

/** Only keys of the Secret are ours; the label is its owner's, who takes it off to stop us. */
function mergedFrame(vaultSecret: VaultSecret, record: string): Frame {
  const { uid } = vaultSecret;
  return {
    labels: {},
    annotations: {
      [mergeOwnerAnnotation(uid)]: namespacedName(vaultSecret),
      [mergeRecordAnnotation(uid)]: record,
    },
  };
}

/** As the API server counts: the values alone, decoded. */
function sizeOf(data: SecretData): number {
  return Object.values(data).reduce(
    (total, value) => total + Buffer.byteLength(reveal(value), 'base64'),
    0,
  );
}

function refuseTooLarge(secret: string, part: string, size: number, limit: number): void {
  if (size > limit)
    throw new ReconcileError('SecretTooLarge', { details: { secret, part, size, limit } });
}
