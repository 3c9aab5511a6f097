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
