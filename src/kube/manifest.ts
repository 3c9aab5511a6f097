import { parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import { apiVersion, group } from '../api/meta.ts';
import type {
  ClusterVaultConnection,
  ObservedConnection,
  VaultConnection,
} from '../core/observed/connection.ts';
import { createGrants } from '../core/access/grants.ts';
import type { VaultSecret } from '../core/observed/observed.ts';
import { decodeVaultSecret } from './decode.ts';
import { decodeClusterVaultConnection, decodeVaultConnection } from './decodeConnection.ts';

/** A file that is no manifest of ours; the message says where and what. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

/** What a manifest says of us; whatever else stands in it is passed over. */
export interface Manifest {
  readonly vaultSecrets: readonly VaultSecret[];
  readonly vaultConnections: readonly VaultConnection[];
  readonly clusterVaultConnections: readonly ClusterVaultConnection[];
}

const listSchema = z.object({ kind: z.literal('List'), items: z.array(z.unknown()) });

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

/** What only the API server sets. */
const unset = { uid: '', resourceVersion: '', creationTimestamp: '1970-01-01T00:00:00Z' };

/** `namespace` stands in where an object names none, as with kubectl. @throws ManifestError */
export function readManifest(text: string, namespace: string): Manifest {
  const objects = parse(text).map((raw, index) => ofUs(raw, index, namespace));
  const all = <T>(kind: string, decode: (raw: unknown) => { readonly body: T }): readonly T[] =>
    objects.filter((object) => object?.kind === kind).map((object) => decode(object).body);
  return {
    vaultSecrets: all('VaultSecret', decodeVaultSecret),
    vaultConnections: all('VaultConnection', decodeVaultConnection),
    clusterVaultConnections: all('ClusterVaultConnection', decodeClusterVaultConnection),
  };
}

/** The parser's own text quotes the file, which may hold anything; a code and a line do not. */
function parse(text: string): readonly unknown[] {
  const documents = [...parseAllDocuments(text)];
  const error = documents.flatMap(({ errors }) => errors)[0];
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    throw new ManifestError(
      `it is no YAML${line === undefined ? '' : `, line ${line}`}: ${error.code}`,
    );
  }
  return documents
    .map((document): unknown => document.toJS())
    .filter((document) => document !== null)
    .flatMap((document) => listSchema.safeParse(document).data?.items ?? [document]);
}

function ofUs(raw: unknown, index: number, namespace: string) {
  const object = objectSchema.safeParse(raw).data;
  if (object === undefined)
    throw new ManifestError(`object ${index + 1} lacks apiVersion, kind or metadata.name`);
  if (object.apiVersion.split('/')[0] !== group) return undefined;
  if (object.apiVersion !== apiVersion)
    throw new ManifestError(`object ${index + 1} must have apiVersion ${apiVersion}`);
  return { ...object, metadata: { ...unset, namespace, ...object.metadata } };
}

/** The connection that a VaultSecret refers to, if the manifest holds it; `granted` as if it were allowed. */
export function connectionIn(
  { vaultConnections, clusterVaultConnections }: Manifest,
  { namespace, spec: { vaultConnectionRef: ref } }: VaultSecret,
): ObservedConnection | undefined {
  if (ref === undefined) return undefined;
  if (ref.kind === 'VaultConnection')
    return vaultConnections.find(
      (connection) => connection.name === ref.name && connection.namespace === namespace,
    );
  const shared = clusterVaultConnections.find(({ name }) => name === ref.name);
  if (shared === undefined) return undefined;
  const namespaces = [{ name: namespace, labels: {} }];
  const grantOf = createGrants({ connections: clusterVaultConnections, namespaces });
  return { ...grantOf(shared), allowed: [namespace] };
}

export function writeManifest(object: object): string {
  return stringify(object, { lineWidth: 0 });
}
