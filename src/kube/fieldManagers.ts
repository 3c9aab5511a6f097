import { z } from 'zod';
import { fieldManagerOf } from '../api/meta.ts';
import type { FieldManager } from '../core/observed/observed.ts';
import { cut, nameLimit, qualifiedNameLimit } from './bounded.ts';

/** https://kubernetes.io/docs/reference/using-api/server-side-apply/#managedfields */
export const managedFieldsSchema = z.object({
  manager: z.string().default(''),
  operation: z.string().default(''),
  time: z.string().default(''),
  fieldsV1: z.record(z.string(), z.unknown()).default({}),
});

type Entry = z.infer<typeof managedFieldsSchema>;

/** Entries that are kept of one Secret. */
const maxManagers = 256;
/** Names of fields that are kept of one Secret. A VaultSecret has 256 data keys, 32 labels and 32 annotations at most. */
const maxFields = 1_024;
/** FieldManagerMaxLength: https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go */
const managerLimit = 128;
/** One for all that have none: there are thousands. */
const none: readonly never[] = [];

/**
 * Who manages what, in the order of the entries. Those of VaultSecrets come first where not all can be kept, so that
 * others cannot push them out.
 */
export function fieldManagers(entries: readonly Entry[]): readonly FieldManager[] {
  const ours = entries.filter(isVaultSecrets);
  const ranked = [...ours, ...entries.filter((entry) => !isVaultSecrets(entry))];
  const kept = new Map<Entry, FieldManager>();
  let left = maxFields;
  const take = (fields: unknown, limit: number): readonly string[] => {
    const names = fieldNames(fields, left, limit);
    left -= names.length;
    return names;
  };
  for (const entry of ranked.slice(0, maxManagers)) kept.set(entry, fieldManager(entry, take));
  return entries.flatMap((entry) => kept.get(entry) ?? []);
}

function isVaultSecrets({ manager, operation }: Entry): boolean {
  return operation === 'Apply' && manager.startsWith(fieldManagerOf(''));
}

/** FieldsV1: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
function fieldManager(
  entry: Entry,
  take: (fields: unknown, limit: number) => readonly string[],
): FieldManager {
  const { manager, operation, time, fieldsV1 } = entry;
  // Labels and annotations of others decide nothing.
  const metadata = isVaultSecrets(entry) ? fieldsV1['f:metadata'] : undefined;
  return {
    name: cut(manager, managerLimit),
    operation: cut(operation, managerLimit),
    time: cut(time, managerLimit),
    dataKeys: take(fieldsV1['f:data'], nameLimit),
    stringDataKeys: take(fieldsV1['f:stringData'], nameLimit),
    labels: take(childOf(metadata, 'f:labels'), qualifiedNameLimit),
    annotations: take(childOf(metadata, 'f:annotations'), qualifiedNameLimit),
  };
}

function childOf(fields: unknown, name: string): unknown {
  return typeof fields === 'object' && fields !== null
    ? Object.entries(fields).find(([key]) => key === name)?.[1]
    : undefined;
}

function fieldNames(fields: unknown, count: number, limit: number): readonly string[] {
  if (typeof fields !== 'object' || fields === null) return none;
  // Not by flatMap, whose array has room for seventeen from the first on.
  return Object.keys(fields)
    .filter((key) => key.startsWith('f:'))
    .slice(0, count)
    .map((key) => cut(key.slice(2), limit));
}
