import {
  namespacePlaceholder,
  type ClusterVaultConnectionSpec,
} from '../../api/vaultConnection.ts';

/** The part of a ClusterVaultConnection that claims. */
interface Claiming {
  readonly spec: ClusterVaultConnectionSpec;
  /** Set when the stored spec does not fit the schema. */
  readonly problem?: object;
}

/** An object pattern without a placeholder, and the only namespace of its connection. */
export interface FixedClaim {
  readonly pattern: string;
  readonly namespace: string;
}

/**
 * What decides which namespace owns an object of one vault: the patterns of all ClusterVaultConnections to that vault, and
 * the namespaces that exist or that any of these connections names. Patterns are in lower case.
 */
export interface VaultClaims {
  /** They hold the placeholder, so each of them can speak for any namespace. */
  readonly patterns: readonly string[];
  /** By the text before the first star, so that a name is compared with few of them. */
  readonly fixed: ReadonlyMap<string, readonly FixedClaim[]>;
  /** Of the whole cluster; the claims of all vaults share this set. */
  readonly existing: ReadonlySet<string>;
  /** Allowed by name; they may exist later. */
  readonly named: ReadonlySet<string>;
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
