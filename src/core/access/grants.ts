import {
  namespacePlaceholder,
  type ClusterVaultConnectionSpec,
} from '../../api/vaultConnection.ts';
import type { FixedClaim, VaultClaims } from '../observed/claims.ts';
import type {
  ClusterVaultConnection,
  GrantedConnection,
  ObservedConnection,
  ObservedNamespace,
} from '../observed/connection.ts';

/** The part of a ClusterVaultConnection that claims. */
interface Claiming {
  readonly spec: ClusterVaultConnectionSpec;
  /** Set when the stored spec does not fit the schema. */
  readonly problem?: object;
}

/** What the grants of a cluster depend on. */
export interface GrantInput {
  readonly namespaces: readonly ObservedNamespace[];
  readonly connections: readonly ClusterVaultConnection[];
}

/** Works out the grant of one of the connections. */
export type Grants = (connection: ClusterVaultConnection) => GrantedConnection;

/** For one state of the cluster. What is worked out is kept: thousands of VaultSecrets ask for the same. */
export function createGrants({ namespaces, connections }: GrantInput): Grants {
  const existing = new Set(namespaces.map(({ name }) => name));
  const byVault = Map.groupBy(connections, vaultOf);
  const claimsByVault = new Map<string, VaultClaims>();
  const granted = new WeakMap<ClusterVaultConnection, GrantedConnection>();
  const claimsOn = (vault: string): VaultClaims => {
    const known = claimsByVault.get(vault) ?? claimsOf(byVault.get(vault) ?? [], existing);
    claimsByVault.set(vault, known);
    return known;
  };
  return (connection) => {
    const known = granted.get(connection) ?? {
      ...connection,
      allowed: allowedBy(connection, namespaces),
      claims: claimsOn(vaultOf(connection)),
    };
    granted.set(connection, known);
    return known;
  };
}

/** Equal for connections to one vault; empty for a spec that does not fit the schema. */
export function vaultOf({ spec, problem }: ClusterVaultConnection): string {
  return problem === undefined ? new URL(spec.vaultUrl).hostname : '';
}

function allowedBy(
  { spec }: ClusterVaultConnection,
  namespaces: readonly ObservedNamespace[],
): readonly string[] {
  const { names = [], selector } = spec.allowedNamespaces;
  if (selector === undefined) return names;
  const wanted = Object.entries(selector.matchLabels);
  const byLabel = namespaces.filter(({ labels }) =>
    wanted.every(([key, value]) => labels[key] === value),
  );
  return [...new Set([...names, ...byLabel.map(({ name }) => name)])];
}

/** Whether VaultSecrets of the namespace may refer to it. */
export function isAllowed(connection: ObservedConnection, namespace: string): boolean {
  return connection.kind === 'VaultConnection'
    ? connection.namespace === namespace
    : connection.allowed.includes(namespace);
}

/** Whether a pattern without the placeholder speaks for one namespace: as the schema demands it. */
export function isForOne({ spec: { allowedNamespaces } }: Claiming): boolean {
  return allowedNamespaces.selector === undefined && allowedNamespaces.names?.length === 1;
}

/** `connections`: all of one vault. A spec that does not fit the schema claims nothing. */
export function claimsOf(
  connections: readonly Claiming[],
  existing: ReadonlySet<string>,
): VaultClaims {
  const readable = connections.filter(({ problem }) => problem === undefined);
  const patterns = readable.flatMap(({ spec }) => spec.lend?.objectPatterns ?? []);
  return {
    patterns: [...new Set(patterns.filter(hasPlaceholder).map((one) => one.toLowerCase()))],
    fixed: Map.groupBy(readable.flatMap(fixedClaims), ({ pattern }) => headOf(pattern)),
    existing,
    named: new Set(readable.flatMap(({ spec }) => spec.allowedNamespaces.names ?? [])),
  };
}

export function hasPlaceholder(pattern: string): boolean {
  return pattern.includes(namespacePlaceholder);
}

function headOf(pattern: string): string {
  return pattern.split('*', 1)[0] ?? '';
}

function fixedClaims(connection: Claiming): readonly FixedClaim[] {
  const { lend, allowedNamespaces } = connection.spec;
  const [namespace] = allowedNamespaces.names ?? [];
  if (lend === undefined || lend.sharedByAll === true) return [];
  if (namespace === undefined || !isForOne(connection)) return [];
  return lend.objectPatterns
    .filter((pattern) => !hasPlaceholder(pattern))
    .map((pattern) => ({ pattern: pattern.toLowerCase(), namespace }));
}
