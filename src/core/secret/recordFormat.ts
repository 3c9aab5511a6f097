import { z } from 'zod';
import { lastSecond } from '../rfc3339.ts';

/** Annotations of an object may have 262,144 bytes together; half is left to others. */
export const recordLimitBytes = 128 * 1024;

/** Raised when a record says the same in another way. Readers take what they know of any format. */
const format = 1;

/** Seconds since the Unix epoch that a status can write. */
export const timeSchema = z.int().min(0).max(lastSecond);

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
  /** When a source or the rendering last changed. */
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

/** The same, of another format or damaged: what is missing or strange is left out. */
const partSchema = z.object({
  vault: z.string().catch(''),
  type: z.string().catch(''),
  syncedAt: timeSchema.catch(0),
  sources: z.record(z.string(), sourceSchema.optional().catch(undefined)).catch({}),
  gone: z.array(z.string()).optional().catch(undefined),
  dataKeys: z.array(z.string()).optional().catch(undefined),
  overruled: z.array(z.string()).optional().catch(undefined),
});

/**
 * What the Secret was made from. It stands in the Secret itself, written with the data in one request,
 * so that a crash, a restart or a restored backup is told from the Secret alone.
 */
export type SyncRecord = z.infer<typeof recordSchema>;
export type SourceRecord = z.infer<typeof sourceSchema>;

/** An annotation beyond the limit is not ours, and as good as none: nothing of it is kept. */
export function keptRecord(annotation: string | undefined): string | undefined {
  const isOurs = annotation !== undefined && Buffer.byteLength(annotation) <= recordLimitBytes;
  return isOurs ? annotation : undefined;
}

/**
 * Undefined where no record can be read. One of another format is read as far as its fields are known; where that is
 * not all it is damaged, and the Secret is made again.
 */
export function parseRecord(annotation: string | undefined): SyncRecord | undefined {
  const json = jsonOf(annotation);
  const { data: record } = recordSchema.safeParse(json);
  if (record !== undefined) return record;
  const { data: part } = partSchema.safeParse(json);
  if (part === undefined) return undefined;
  const { sources: all, ...known } = part;
  const sources: Record<string, SourceRecord> = {};
  for (const [key, source] of Object.entries(all)) if (source !== undefined) sources[key] = source;
  return { render: damaged, ...known, sources };
}

/** No revision is empty. */
const damaged = '';

export function isDamaged({ render }: SyncRecord): boolean {
  return render === damaged;
}

function jsonOf(text = ''): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch {
    return undefined;
  }
}

export function formatRecord(record: SyncRecord): string {
  return JSON.stringify({ format, ...record });
}
