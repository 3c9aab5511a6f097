import { Gauge, type Registry } from 'prom-client';
import type { Fleet } from '../core/status/fleet.ts';
import type { Lateness, VaultSecretMetrics } from '../ports/metrics.ts';
import { counter, gauge } from './series.ts';

export function vaultSecretMetrics(registry: Registry): VaultSecretMetrics {
  const repairs = counter(registry, 'vaultsecret_drift_repairs_total', 'Foreign changes undone.');
  const writes = counter(registry, 'vaultsecret_secret_writes_total', 'Writes of Secrets.', [
    'operation',
  ]);
  const statusWrites = counter(
    registry,
    'vaultsecret_status_writes_total',
    'Writes of VaultSecret statuses.',
  );
  // A counter would hide a write from before the first scrape, and two that agree may write once in days.
  const foreignStatus = gauge(
    registry,
    'vaultsecret_foreign_status_timestamp_seconds',
    'When another controller last wrote the status of a VaultSecret that this one serves; 0 when none did.',
  );
  const verified = gauge(
    registry,
    'vaultsecret_last_success_timestamp_seconds',
    'When a Secret was last found or made true to Key Vault.',
  );
  for (const operation of ['create', 'update', 'delete']) writes.labels(operation).inc(0);
  return {
    verified: (atMs) => verified.set(atMs / 1000),
    driftRepaired: () => repairs.inc(),
    secretWritten: (operation) => writes.labels(operation).inc(),
    statusWritten: () => statusWrites.inc(),
    foreignStatusSeen: (atMs) => foreignStatus.set(atMs / 1000),
  };
}

/** Surveyed once at each scrape: a registry collects in the order of registration, so the first one fills all. */
export function fleetMetrics(registry: Registry, survey: () => Fleet): void {
  const ready = new Gauge({
    name: 'vaultsecret_vaultsecrets',
    help: 'VaultSecrets by the status of their condition Ready.',
    labelNames: ['ready'],
    registers: [registry],
    collect() {
      const fleet = survey();
      for (const [status, count] of Object.entries(fleet.ready)) ready.labels(status).set(count);
      notReadySince.set((fleet.notReadySince ?? 0) / 1000);
      nextExpiry.set((fleet.nextExpiry ?? 0) / 1000);
    },
  });
  const notReadySince = gauge(
    registry,
    'vaultsecret_not_ready_since_timestamp_seconds',
    'Since when the longest of the VaultSecrets that are not ready is not; 0 when all are.',
  );
  const nextExpiry = gauge(
    registry,
    'vaultsecret_next_expiry_timestamp_seconds',
    'When the next object expires in Key Vault; 0 when none does.',
  );
}

/** Surveyed once at each scrape, as above. */
export function latenessMetrics(registry: Registry, survey: () => Lateness): void {
  const overdue = new Gauge({
    name: 'vaultsecret_oldest_overdue_refresh_seconds',
    help: 'For how long the refresh of a VaultSecret that says that it is in sync is overdue, at most; 0 when none is.',
    registers: [registry],
    collect() {
      const { overdueMs, longestWaitMs } = survey();
      overdue.set(overdueMs / 1000);
      for (const [priority, ms] of longestWaitMs) waits.labels(priority).set(ms / 1000);
    },
  });
  const waits = gauge(
    registry,
    'vaultsecret_longest_wait_seconds',
    'For how long a VaultSecret waits for a worker or for the turn of its vault, at most, by priority.',
    ['priority'],
  );
}
