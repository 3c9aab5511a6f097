import { createHash } from 'node:crypto';
import { z } from 'zod';
import { defaultSecretType, type VaultSecretSpec } from '../api/vaultSecret.ts';

/** Raised when the same inputs would render to another Secret, so that an upgrade re-renders. */
const rendererVersion = 1;

/** Annotations of an object may have 262,144 bytes together; half is left to others. */
export const recordLimitBytes = 128 * 1024;

const sourceSchema = z.object({ version: z.string(), expiresOn: z.number().optional() });

const recordSchema = z.object({
  /** Hash of the spec's render inputs; never of a value. */
  render: z.string(),
  type: z.string(),
  /** Seconds since the Unix epoch: the data last changed. */
  syncedAt: z.number(),
  /** By `refKey`. */
  sources: z.record(z.string(), sourceSchema),
});

/**
 * What the Secret was made from. It stands in the Secret itself, written with the data in one request,
 * so that a crash, a restart or a restored backup is told from the Secret alone.
 */
export type SyncRecord = z.infer<typeof recordSchema>;
export type SourceRecord = z.infer<typeof sourceSchema>;

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

/** Equal for equal render inputs: everything of the spec that shapes the Secret. */
export function renderRevision(spec: VaultSecretSpec): string {
  const { type, labels, annotations, creationPolicy } = spec.target ?? {};
  const inputs = [
    rendererVersion,
    spec.vaultUrl.replace(/\/$/, ''),
    spec.data.map(({ dataKey, secret, decode }) => [
      dataKey,
      secret.name,
      secret.version ?? '',
      decode ?? '',
    ]),
    type ?? defaultSecretType,
    Object.entries(labels ?? {}).toSorted(byKey),
    Object.entries(annotations ?? {}).toSorted(byKey),
    creationPolicy ?? 'Owner',
  ];
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);
}

function byKey([left]: [string, string], [right]: [string, string]): number {
  return left < right ? -1 : 1;
}
