import { claimsOf, type VaultClaims } from './claims.ts';
import type { ClusterVaultConnection, GrantedConnection, ObservedNamespace } from './connection.ts';

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
