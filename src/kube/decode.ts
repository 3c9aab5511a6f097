import { z } from 'zod';
import {
  clientIdAnnotation,
  managedLabel,
  mergeFinalizer,
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
import type { MergeMark, ObservedSecret, VaultSecret } from '../core/observed/observed.ts';
import { keptRecord } from '../core/secret/recordFormat.ts';
import { interned, internedTexts } from '../interned.ts';
import type { Stored } from '../ports/stored.ts';
import {
  cut,
  cutAll,
  cutApart,
  nameLimit,
  namespacedNameLimit,
  qualifiedNameLimit,
  uidLimit,
  writtenIdLimit,
} from './bounded.ts';
import { fieldManagers, managedFieldsSchema } from './fieldManagers.ts';
import { firstProblem } from './specProblem.ts';
import { keptStatus } from './keptStatus.ts';
import { stored } from './stored.ts';

/** One for all that have none: there are thousands. */
const none: readonly never[] = [];
/** How many are kept of one object. What decides stands first, or is kept in any case. */
const most = { finalizers: 64, owners: 256, marks: 256 } as const;
const refreshLimit = 256;

const names = z.record(z.string(), z.string()).default({});
/** The API server sets or checks these: more is not an object of its own. */
const text = (limit: number) => z.string().max(limit).transform(interned);

const metadataSchema = z.object({
  name: text(nameLimit),
  namespace: text(nameLimit),
  uid: text(nameLimit),
  resourceVersion: text(nameLimit),
  generation: z.number().default(0),
  deletionTimestamp: z.string().optional(),
  annotations: names,
});

const serviceAccountSchema = z.object({ metadata: metadataSchema });
const vaultSecretSchema = z.object({
  metadata: metadataSchema.extend({
    creationTimestamp: z.string(),
    finalizers: z.array(z.string()).optional(),
  }),
  spec: z.unknown().transform(internedTexts).optional(),
  status: z.unknown().optional(),
});
const secretSchema = z.object({
  metadata: metadataSchema.extend({
    labels: names,
    ownerReferences: z.array(z.object({ uid: z.string() })).default([]),
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
    finalizers: keptFinalizers(metadata.finalizers),
    ...(refresh === undefined ? {} : { refresh: cutApart(refresh, refreshLimit) }),
    spec: parsed.data ?? unreadableSpec,
    ...(parsed.success ? {} : { problem: firstProblem(parsed.error) }),
    status: keptStatus(vaultSecretStatusSchema, status) ?? {},
  });
}

/** Metadata alone: a metadata-only watch still carries values in kubectl's last-applied annotation. */
export function decodeSecret(raw: unknown): Stored<ObservedSecret> {
  const { metadata } = secretSchema.parse(raw);
  const owner = metadata.annotations[ownerAnnotation];
  const record = keptRecord(metadata.annotations[syncRecordAnnotation]);
  const body = {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    terminating: metadata.deletionTimestamp !== undefined,
    managed: metadata.labels[managedLabel] === 'true',
    ...(owner === undefined ? {} : { owner: cut(owner, namespacedNameLimit) }),
    ownerUids: metadata.ownerReferences.slice(0, most.owners).map(({ uid }) => cut(uid, uidLimit)),
    ...(record === undefined ? {} : { record }),
    marks: mergeMarks(metadata.annotations),
    managers: fieldManagers(metadata.managedFields),
  };
  // It has all that a store needs to know of it.
  return { metadata: body, body };
}

function mergeMarks(annotations: Readonly<Record<string, string>>): readonly MergeMark[] {
  const prefix = mergeOwnerAnnotation('');
  const keys = Object.keys(annotations).filter((key) => key.startsWith(prefix));
  if (keys.length === 0) return none;
  return keys.slice(0, most.marks).map((key) => {
    const uid = interned(key.slice(prefix.length));
    const owner = cut(annotations[key] ?? '', namespacedNameLimit);
    const record = keptRecord(annotations[mergeRecordAnnotation(uid)]);
    return { uid, owner, ...(record === undefined ? {} : { record }) };
  });
}

export function decodeServiceAccount(raw: unknown): Stored<ObservedServiceAccount> {
  const { metadata } = serviceAccountSchema.parse(raw);
  const clientId = metadata.annotations[clientIdAnnotation];
  const tenantId = metadata.annotations[tenantIdAnnotation];
  return stored(metadata, {
    uid: metadata.uid,
    ...(metadata.deletionTimestamp === undefined ? {} : { terminating: true }),
    ...(clientId === undefined ? {} : { clientId: cut(clientId, writtenIdLimit) }),
    ...(tenantId === undefined ? {} : { tenantId: cut(tenantId, writtenIdLimit) }),
  });
}

/** Ours decides whether the VaultSecret may go, so others cannot push it out. */
function keptFinalizers(finalizers: readonly string[] = none): readonly string[] {
  const kept = cutAll(finalizers, most.finalizers, qualifiedNameLimit);
  const isCut = finalizers.includes(mergeFinalizer) && !kept.includes(mergeFinalizer);
  return isCut ? [...kept, mergeFinalizer] : kept;
}

/** Stands in for a spec that could not be read; `problem` keeps everyone from acting on it. */
const unreadableSpec: VaultSecretSpec = { data: [] };
