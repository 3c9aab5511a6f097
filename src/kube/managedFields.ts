import { z } from 'zod';
import { fieldManagerOf } from '../api/meta.ts';
import type { Marks } from '../core/secret/marks.ts';
import type { TakeOver } from '../core/secret/takeOver.ts';

/** As the API server keeps it, nothing left out: https://kubernetes.io/docs/reference/using-api/server-side-apply/#managedfields */
const entrySchema = z.looseObject({
  manager: z.string().optional(),
  operation: z.string(),
  fieldsV1: z.record(z.string(), z.unknown()).default({}),
});

export const managedFieldsSchema = z.object({
  metadata: z.object({ managedFields: z.array(entrySchema).default([]) }),
});

type Entry = z.infer<typeof entrySchema>;
type Fields = Readonly<Record<string, unknown>>;

/** The managed fields of a Secret after `fieldManager` took over. */
export function takenOver(
  entries: readonly Entry[],
  fieldManager: string,
  { predecessors, allData }: TakeOver,
): readonly Entry[] {
  const isMine = ({ manager = '', operation }: Entry): boolean =>
    operation === 'Apply' && (manager === fieldManager || predecessors.includes(manager));
  const others = entries.filter((entry) => !isMine(entry));
  const taken = [
    ...entries.filter(isMine).map((entry) => entry.fieldsV1),
    ...(allData ? others.map(dataFields) : []),
  ];
  const fieldsV1 = taken.reduce<Fields>(union, {});
  const own: Entry = {
    manager: fieldManager,
    operation: 'Apply',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1,
  };
  return [own, ...(allData ? others.flatMap(withoutData) : others)];
}

const listsSchema = z.object({
  metadata: z.object({
    managedFields: z.array(entrySchema).default([]),
    ownerReferences: z.array(z.looseObject({ uid: z.string() })).default([]),
  }),
});

export interface ReleasedLists {
  readonly managedFields: readonly object[];
  readonly ownerReferences: readonly object[];
}

/** What stays of a Secret's lists when the VaultSecret lets it go. */
export function released(secret: unknown, { uid }: Marks): ReleasedLists {
  const { managedFields, ownerReferences } = listsSchema.parse(secret).metadata;
  const isOurs = ({ manager, operation }: Entry): boolean =>
    operation === 'Apply' && manager === fieldManagerOf(uid);
  const others = managedFields.filter((entry) => !isOurs(entry));
  return {
    managedFields: others.length === 0 ? noManagers : others,
    ownerReferences: ownerReferences.filter((owner) => owner.uid !== uid),
  };
}

/** An empty list would be taken for no word on them: https://kubernetes.io/docs/reference/using-api/server-side-apply/#clearing-managedfields */
const noManagers = [{}] as const;

/** Keys applied as stringData are data as well, which nobody owns as such: seen on kube-apiserver 1.36.3. */
function dataFields({ fieldsV1 }: Entry): Fields {
  const keys = ['f:data', 'f:stringData'].flatMap((field) =>
    Object.keys(fieldsOf(fieldsV1, field)),
  );
  const data = keys.filter((key) => key.startsWith('f:')).map((key) => [key, {}] as const);
  return data.length === 0 ? {} : { 'f:data': Object.fromEntries(data) };
}

/** None when there is nothing else. */
function withoutData(entry: Entry): readonly Entry[] {
  const { 'f:data': _data, 'f:stringData': _stringData, ...fieldsV1 } = entry.fieldsV1;
  return Object.keys(fieldsV1).length === 0 ? [] : [{ ...entry, fieldsV1 }];
}

function fieldsOf(fields: Fields, name: string): Fields {
  const child = fields[name];
  return isFields(child) ? child : {};
}

/** FieldsV1 is a tree whose leaves are empty objects. */
function union(left: Fields, right: Fields): Fields {
  const merged = Object.entries(right).map(([key, value]) => {
    const other = Object.hasOwn(left, key) ? left[key] : undefined;
    return [key, isFields(value) && isFields(other) ? union(other, value) : value] as const;
  });
  return Object.fromEntries([...Object.entries(left), ...merged]);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
