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
}

export interface LeaderMetrics {
  leading(leads: boolean): void;
}

export interface KeyVaultMetrics {
  /** `code` is the HTTP status, or a short word such as `unreachable`. */
  requested(vaultHost: string, operation: string, code: string, seconds: number): void;
  throttled(vaultHost: string, seconds: number): void;
}

export interface TokenMetrics {
  requested(kind: string, result: 'success' | 'error'): void;
}

export interface VaultSecretMetrics {
  driftRepaired(): void;
  secretWritten(operation: 'create' | 'update' | 'delete'): void;
  statusWritten(): void;
}
