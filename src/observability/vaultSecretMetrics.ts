import { Gauge, type Registry } from 'prom-client';
import type { Fleet } from '../core/fleet.ts';
import type { VaultSecretMetrics } from '../ports/metrics.ts';
import { counter, gauge } from './series.ts';

export function vaultSecretMetrics(registry: Registry): VaultSecretMetrics {
  const repairs = counter(registry, 'drift_repairs_total', 'Foreign changes undone.');
  const writes = counter(registry, 'secret_writes_total', 'Writes of Secrets.', ['operation']);
  const statusWrites = counter(registry, 'status_writes_total', 'Writes of VaultSecret statuses.');
  const verified = gauge(
    registry,
    'last_success_timestamp_seconds',
    'When a Secret was last found or made true to Key Vault.',
  );
  for (const operation of ['create', 'update', 'delete']) writes.labels(operation).inc(0);
  return {
    verified: (atMs) => verified.set(atMs / 1000),
    driftRepaired: () => repairs.inc(),
    secretWritten: (operation) => writes.labels(operation).inc(),
    statusWritten: () => statusWrites.inc(),
  };
}

/** Asked at each scrape, so that they cost nothing between. */
export function fleetMetrics(registry: Registry, survey: () => Fleet): void {
  const registers = [registry];
  new Gauge({
    name: 'vaultsecret_vaultsecrets',
    help: 'VaultSecrets by the status of their condition Ready.',
    labelNames: ['ready'],
    registers,
    collect() {
      for (const [status, count] of Object.entries(survey().ready)) this.labels(status).set(count);
    },
  });
  new Gauge({
    name: 'vaultsecret_not_ready_since_timestamp_seconds',
    help: 'Since when the longest of the VaultSecrets that are not ready is not; 0 when all are.',
    registers,
    collect() {
      this.set((survey().notReadySince ?? 0) / 1000);
    },
  });
  new Gauge({
    name: 'vaultsecret_next_expiry_timestamp_seconds',
    help: 'When the next object expires in Key Vault; 0 when none does.',
    registers,
    collect() {
      this.set((survey().nextExpiry ?? 0) / 1000);
    },
  });
}
