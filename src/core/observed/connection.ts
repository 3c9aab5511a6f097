import type {
  ClusterVaultConnectionSpec,
  ConnectionStatus,
  VaultConnectionSpec,
} from '../../api/vaultConnection.ts';
import type { VaultSecretSpec } from '../../api/vaultSecret.ts';
import type { VaultClaims } from './claims.ts';
import type { SpecProblem } from './problem.ts';

interface Versioned {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly status: ConnectionStatus;
  /** Set when the stored spec does not fit the schema; then `spec` is not to be read. */
  readonly problem?: SpecProblem;
}

export interface VaultConnection extends Versioned {
  readonly kind: 'VaultConnection';
  readonly namespace: string;
  readonly spec: VaultConnectionSpec;
}

export interface ClusterVaultConnection extends Versioned {
  readonly kind: 'ClusterVaultConnection';
  readonly spec: ClusterVaultConnectionSpec;
}

export interface ObservedNamespace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A ClusterVaultConnection with its grant worked out. */
export interface GrantedConnection extends ClusterVaultConnection {
  /** The namespaces that it allows now, by name and by label. */
  readonly allowed: readonly string[];
  /** Who owns which object of its vault. */
  readonly claims: VaultClaims;
}

export type ObservedConnection = VaultConnection | GrantedConnection;

/** What the identity of the controller's own pod is to Microsoft Entra ID. */
export interface ControllerIdentity {
  readonly clientId: string;
}

/** The ServiceAccount that reads, if any is named: the VaultSecret goes before its connection. */
export function readingServiceAccount(
  { serviceAccountName }: VaultSecretSpec,
  connection: ObservedConnection | undefined,
): string | undefined {
  if (serviceAccountName !== undefined) return serviceAccountName;
  return connection?.kind === 'VaultConnection' ? connection.spec.serviceAccountName : undefined;
}

/** The vault that is read; undefined while the connection is unknown. */
export function vaultUrlOf(
  { vaultUrl }: VaultSecretSpec,
  connection: ObservedConnection | undefined,
): string | undefined {
  return vaultUrl ?? connection?.spec.vaultUrl;
}
