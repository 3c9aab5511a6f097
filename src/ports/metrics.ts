export interface WorkqueueMetrics {
  added(): void;
  depth(size: number): void;
  /** From ready to taken, seconds. */
  waited(seconds: number): void;
  retried(): void;
}

export type ReconcileOutcome = 'success' | 'requeue_after' | 'error';

export interface ControllerMetrics {
  reconciled(outcome: ReconcileOutcome, seconds: number): void;
  active(workers: number): void;
}

export interface InformerMetrics {
  objects(resource: string, count: number): void;
  relisted(resource: string): void;
  /** A watch event or bookmark arrived, at milliseconds since the Unix epoch. */
  heard(resource: string, atMs: number): void;
  /** A list or a watch held an object that is not what it should be. */
  unreadable(resource: string): void;
}

export interface LeaderMetrics {
  leading(leads: boolean): void;
}

export interface ApiServerMetrics {
  /** `code` is the HTTP status, or `<error>` when there was no answer. */
  requested(method: string, code: string, host: string): void;
}

export interface KeyVaultMetrics {
  /** `code` is the HTTP status, or a short word such as `unreachable`. */
  requested(vaultHost: string, operation: string, code: string, seconds: number): void;
  throttled(vaultHost: string, seconds: number): void;
  /** Requests that the vault's budget lets pass at once; undefined when it is full again. */
  budgetLeft(vaultHost: string, requests: number | undefined): void;
}

export interface NetMetrics {
  /** Whether a host is left alone because it does not answer. */
  breaker(hostname: string, isOpen: boolean): void;
}

export interface TokenMetrics {
  requested(kind: string, result: 'success' | 'error'): void;
  /** Until when the newest token serves, milliseconds since the Unix epoch. */
  obtained(kind: string, expiresAt: number): void;
}

export interface VaultSecretMetrics {
  driftRepaired(): void;
  secretWritten(operation: 'create' | 'update' | 'delete'): void;
  statusWritten(): void;
  /** Another controller wrote the status of a VaultSecret that this one serves; milliseconds since the Unix epoch. */
  foreignStatusSeen(atMs: number): void;
  /** A Secret was found or made true to Key Vault, at milliseconds since the Unix epoch. */
  verified(atMs: number): void;
}

/** How late work is. Milliseconds. */
export interface Lateness {
  /** The refresh that has been due longest, of VaultSecrets that say that they are in sync. */
  readonly overdueMs: number;
  /** The key that has waited longest for its turn, by the name of its priority. */
  readonly longestWaitMs: readonly (readonly [priority: string, ms: number])[];
}
