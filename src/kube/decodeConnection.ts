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
import { firstProblem } from './specProblem.ts';
import { stored } from './stored.ts';

const metadataSchema = z.object({
  name: z.string(),
  /** Absent on what belongs to the cluster. */
  namespace: z.string().default(''),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.number().default(0),
  labels: z.record(z.string(), z.string()).default({}),
});

const objectSchema = z.object({
  metadata: metadataSchema,
  spec: z.unknown().optional(),
  status: z.unknown().optional(),
});

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
    status: vaultConnectionStatusSchema.safeParse(status ?? {}).data ?? {},
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
    status: clusterVaultConnectionStatusSchema.safeParse(status ?? {}).data ?? {},
    ...(parsed.success ? {} : { problem: firstProblem(parsed.error) }),
  });
}

export function decodeNamespace(raw: unknown): Stored<ObservedNamespace> {
  const { metadata } = z.object({ metadata: metadataSchema }).parse(raw);
  return stored(metadata, { name: metadata.name, labels: metadata.labels });
}
