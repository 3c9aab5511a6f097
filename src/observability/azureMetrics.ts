import { Gauge, type Registry } from 'prom-client';
import type { KeyVaultMetrics, NetMetrics, TokenMetrics } from '../ports/metrics.ts';
import { counter, gauge, histogram } from './series.ts';

export function keyVaultMetrics(registry: Registry): KeyVaultMetrics {
  const labels = ['vault', 'operation'];
  const requests = counter(
    registry,
    'vaultsecret_keyvault_requests_total',
    'Requests to Key Vault by outcome.',
    [...labels, 'code'],
  );
  const duration = histogram(
    registry,
    'vaultsecret_keyvault_request_duration_seconds',
    'Length of a request to Key Vault.',
    labels,
  );
  const throttled = counter(
    registry,
    'vaultsecret_keyvault_throttle_wait_seconds_total',
    "Time spent waiting for a vault's budget.",
    ['vault'],
  );
  const budget = gauge(
    registry,
    'vaultsecret_keyvault_budget_requests',
    'Requests that the budget of a vault lets pass at once; absent while it is full.',
    ['vault'],
  );
  return {
    requested(vaultHost, operation, code, seconds) {
      requests.labels(vaultHost, operation, code).inc();
      duration.labels(vaultHost, operation).observe(seconds);
    },
    throttled: (vaultHost, seconds) => throttled.labels(vaultHost).inc(seconds),
    budgetLeft(vaultHost, left) {
      if (left === undefined) budget.remove(vaultHost);
      else budget.labels(vaultHost).set(left);
    },
  };
}

export function tokenMetrics(registry: Registry): TokenMetrics {
  const requests = counter(
    registry,
    'vaultsecret_token_requests_total',
    'Tokens asked for, by kind of identity.',
    ['kind', 'result'],
  );
  const expiry = gauge(
    registry,
    'vaultsecret_token_expiry_timestamp_seconds',
    'Until when the token that was obtained last serves.',
    ['kind'],
  );
  for (const result of ['success', 'error']) requests.labels('workloadIdentity', result).inc(0);
  return {
    requested: (kind, result) => requests.labels(kind, result).inc(),
    obtained: (kind, expiresAt) => expiry.labels(kind).set(expiresAt / 1000),
  };
}

export function netMetrics(registry: Registry): NetMetrics {
  const open = gauge(
    registry,
    'vaultsecret_breaker_open',
    '1 while a host is left alone because it does not answer; absent otherwise.',
    ['host'],
  );
  return {
    // Names that nobody answers to are without number: they go again.
    breaker(hostname, isOpen) {
      if (isOpen) open.labels(hostname).set(1);
      else open.remove(hostname);
    },
  };
}

/** A client secret has no date that could be read: only Microsoft Entra ID knows when it expires. */
export function certificateMetrics(registry: Registry, survey: () => readonly number[]): void {
  const next = new Gauge({
    name: 'vaultsecret_next_client_certificate_expiry_timestamp_seconds',
    help: 'When the next client certificate that is in use expires; 0 when none is. Client secrets are not told.',
    registers: [registry],
    collect() {
      const earliest = Math.min(...survey());
      next.set(Number.isFinite(earliest) ? earliest / 1000 : 0);
    },
  });
}
