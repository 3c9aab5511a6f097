import { z } from 'zod';
import type { TakeOver } from '../core/takeOver.ts';

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
  { predecessors }: TakeOver,
): readonly Entry[] {
  const mine = ({ manager = '', operation }: Entry): boolean =>
    operation === 'Apply' && (manager === fieldManager || predecessors.includes(manager));
  const fieldsV1 = entries
    .filter(mine)
    .reduce<Fields>((all, entry) => union(all, entry.fieldsV1), {});
  const own: Entry = {
    manager: fieldManager,
    operation: 'Apply',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1,
  };
  return [own, ...entries.filter((entry) => !mine(entry))];
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
