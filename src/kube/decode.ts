import { z } from 'zod';
import {
  clientIdAnnotation,
  managedLabel,
  mergeOwnerAnnotation,
  mergeRecordAnnotation,
  ownerAnnotation,
  refreshAnnotation,
  syncRecordAnnotation,
  tenantIdAnnotation,
} from '../api/meta.ts';
import {
  vaultSecretSpecSchema,
  vaultSecretStatusSchema,
  type VaultSecretSpec,
} from '../api/vaultSecret.ts';
import type { ObservedServiceAccount } from '../core/observed/identity.ts';
import type {
  FieldManager,
  MergeMark,
  ObservedSecret,
  VaultSecret,
} from '../core/observed/observed.ts';
import { interned, internedTexts } from '../interned.ts';
import type { Stored } from '../ports/stored.ts';
import { firstProblem } from './specProblem.ts';
import { stored } from './stored.ts';

/** One for all that have none: there are thousands. */
const none: readonly never[] = [];

const names = z.record(z.string(), z.string()).default({});
const text = z.string().transform(interned);

const metadataSchema = z.object({
  name: text,
  namespace: text,
  uid: text,
  resourceVersion: text,
  generation: z.number().default(0),
  deletionTimestamp: z.string().optional(),
  annotations: names,
});

/** https://kubernetes.io/docs/reference/using-api/server-side-apply/#managedfields */
const managedFieldsSchema = z.object({
  manager: text.default(''),
  operation: text.default(''),
  time: text.default(''),
  fieldsV1: z.record(z.string(), z.unknown()).default({}),
});

const serviceAccountSchema = z.object({ metadata: metadataSchema });
const vaultSecretSchema = z.object({
  metadata: metadataSchema.extend({
    creationTimestamp: z.string(),
    finalizers: z.array(z.string()).optional(),
  }),
  spec: z.unknown().transform(internedTexts).optional(),
  status: z.unknown().transform(internedTexts).optional(),
});
const secretSchema = z.object({
  metadata: metadataSchema.extend({
    labels: names,
    ownerReferences: z.array(z.object({ uid: text })).default([]),
    managedFields: z.array(managedFieldsSchema).default([]),
  }),
});

/** An answer of the API server, cut down to what may stay in memory. @throws ZodError when it is none */
export function decodeVaultSecret(raw: unknown): Stored<VaultSecret> {
  const { metadata, spec, status } = vaultSecretSchema.parse(raw);
  const parsed = vaultSecretSpecSchema.safeParse(spec);
  const refresh = metadata.annotations[refreshAnnotation];
  return stored(metadata, {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    generation: metadata.generation,
    createdAt: Date.parse(metadata.creationTimestamp),
    terminating: metadata.deletionTimestamp !== undefined,
    finalizers: metadata.finalizers ?? none,
    ...(refresh === undefined ? {} : { refresh }),
    spec: parsed.data ?? unreadableSpec,
    ...(parsed.success ? {} : { problem: firstProblem(parsed.error) }),
    status: vaultSecretStatusSchema.safeParse(status ?? {}).data ?? {},
  });
}

/** Metadata alone: a metadata-only watch still carries values in kubectl's last-applied annotation. */
export function decodeSecret(raw: unknown): Stored<ObservedSecret> {
  const { metadata } = secretSchema.parse(raw);
  const owner = metadata.annotations[ownerAnnotation];
  const record = metadata.annotations[syncRecordAnnotation];
  const body = {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    terminating: metadata.deletionTimestamp !== undefined,
    managed: metadata.labels[managedLabel] === 'true',
    ...(owner === undefined ? {} : { owner: interned(owner) }),
    ownerUids: metadata.ownerReferences.map(({ uid }) => uid),
    ...(record === undefined ? {} : { record }),
    marks: mergeMarks(metadata.annotations),
    managers: metadata.managedFields.map(fieldManager),
  };
  // It has all that a store needs to know of it.
  return { metadata: body, body };
}

function mergeMarks(annotations: Readonly<Record<string, string>>): readonly MergeMark[] {
  const prefix = mergeOwnerAnnotation('');
  const keys = Object.keys(annotations).filter((key) => key.startsWith(prefix));
  if (keys.length === 0) return none;
  return keys.map((key) => {
    const uid = key.slice(prefix.length);
    const record = annotations[mergeRecordAnnotation(uid)];
    return { uid, owner: annotations[key] ?? '', ...(record === undefined ? {} : { record }) };
  });
}

export function decodeServiceAccount(raw: unknown): Stored<ObservedServiceAccount> {
  const { metadata } = serviceAccountSchema.parse(raw);
  const clientId = metadata.annotations[clientIdAnnotation];
  const tenantId = metadata.annotations[tenantIdAnnotation];
  return stored(metadata, {
    uid: metadata.uid,
    ...(clientId === undefined ? {} : { clientId }),
    ...(tenantId === undefined ? {} : { tenantId }),
  });
}

/** FieldsV1: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
function fieldManager({
  manager,
  operation,
  time,
  fieldsV1,
}: z.infer<typeof managedFieldsSchema>): FieldManager {
  const metadata = fieldsV1['f:metadata'];
  return {
    name: manager,
    operation,
    time,
    dataKeys: fieldNames(fieldsV1['f:data']),
    stringDataKeys: fieldNames(fieldsV1['f:stringData']),
    labels: fieldNames(childOf(metadata, 'f:labels')),
    annotations: fieldNames(childOf(metadata, 'f:annotations')),
  };
}

function childOf(fields: unknown, name: string): unknown {
  return typeof fields === 'object' && fields !== null
    ? Object.entries(fields).find(([key]) => key === name)?.[1]
    : undefined;
}

function fieldNames(fields: unknown): readonly string[] {
  if (typeof fields !== 'object' || fields === null) return none;
  // Not by flatMap, whose array has room for seventeen from the first on.
  return Object.keys(fields)
    .filter((key) => key.startsWith('f:'))
    .map((key) => interned(key.slice(2)));
}

/** Stands in for a spec that could not be read; `problem` keeps everyone from acting on it. */
const unreadableSpec: VaultSecretSpec = { data: [] };
