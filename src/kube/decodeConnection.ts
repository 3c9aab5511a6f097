import { z } from 'zod';
import {
  clusterVaultConnectionSpecSchema,
  clusterVaultConnectionStatusSchema,
  vaultConnectionSpecSchema,
  vaultConnectionStatusSchema,
} from '../api/vaultConnection.ts';
import type {
  ClusterVaultConnection,
  ObservedNamespace,
  VaultConnection,
} from '../core/observed/connection.ts';
import type { Stored } from '../ports/stored.ts';
import { cut, nameLimit, qualifiedNameLimit } from './bounded.ts';
import { keptStatus } from './keptStatus.ts';
import { firstProblem } from './specProblem.ts';
import { stored } from './stored.ts';

const metadataSchema = z.object({
  name: z.string().max(nameLimit),
  /** Absent on what belongs to the cluster. */
  namespace: z.string().max(nameLimit).default(''),
  uid: z.string().max(nameLimit),
  resourceVersion: z.string().max(nameLimit),
  generation: z.number().default(0),
  labels: z.record(z.string(), z.string()).default({}),
});

const objectSchema = z.object({
  metadata: metadataSchema,
  spec: z.unknown().optional(),
  status: z.unknown().optional(),
});

const maxLabels = 512;
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const labelLimit = 63;

const unreadable = { vaultUrl: '' };

export function decodeVaultConnection(raw: unknown): Stored<VaultConnection> {
  const { metadata, spec, status } = objectSchema.parse(raw);
  const parsed = vaultConnectionSpecSchema.safeParse(spec);
  const { namespace, name, uid, generation } = metadata;
  return stored(metadata, {
    kind: 'VaultConnection',
    namespace,
    name,
    uid,
    generation,
    spec: parsed.data ?? unreadable,
    status: keptStatus(vaultConnectionStatusSchema, status) ?? {},
    ...(parsed.success ? {} : { problem: firstProblem(parsed.error) }),
  });
}

export function decodeClusterVaultConnection(raw: unknown): Stored<ClusterVaultConnection> {
  const { metadata, spec, status } = objectSchema.parse(raw);
  const parsed = clusterVaultConnectionSpecSchema.safeParse(spec);
  const { name, uid, generation } = metadata;
  return stored(metadata, {
    kind: 'ClusterVaultConnection',
    name,
    uid,
    generation,
    spec: parsed.data ?? { ...unreadable, allowedNamespaces: { names: [] } },
    status: keptStatus(clusterVaultConnectionStatusSchema, status) ?? {},
    ...(parsed.success ? {} : { problem: firstProblem(parsed.error) }),
  });
}

export function decodeNamespace(raw: unknown): Stored<ObservedNamespace> {
  const { metadata } = z.object({ metadata: metadataSchema }).parse(raw);
  return stored(metadata, { name: metadata.name, labels: keptLabels(metadata.labels) });
}

/** A selector asks for labels only, so one that was cut allows nothing. */
function keptLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(labels)
      .slice(0, maxLabels)
      .map(([key, value]) => [cut(key, qualifiedNameLimit), cut(value, labelLimit)] as const),
  );
}
