import { Gauge, type Registry } from 'prom-client';
import type { KeyVaultMetrics, NetMetrics, TokenMetrics } from '../ports/metrics.ts';
import type { Clock } from '../ports/system.ts';
import { counter, gauge, histogram } from './series.ts';
import { otherVaults, VaultNames } from './vaultNames.ts';

/** So many hosts are named; all further ones are one. */
const mostHosts = 200;
const otherHosts = 'other';

export function keyVaultMetrics(
  registry: Registry,
  clock: Pick<Clock, 'elapsed'>,
): KeyVaultMetrics {
  const { requests, duration, throttled, budget } = keyVaultSeries(registry);
  // Only a request gives a vault its name, since only those that answered come here by their name.
  const names = new VaultNames(clock, (vault, seen) => {
    throttled.remove(vault);
    budget.remove(vault);
    for (const [operation, code] of seen) {
      requests.remove(vault, operation, code);
      duration.remove(vault, operation);
    }
  });
  return {
    requested(vaultHost, operation, code, seconds) {
      const vault = names.use(vaultHost, operation, code);
      // There before anybody waits, so that an increase from nothing is seen.
      throttled.labels(vault).inc(0);
      requests.labels(vault, operation, code).inc();
      duration.labels(vault, operation).observe(seconds);
    },
    throttled: (vaultHost, seconds) => throttled.labels(names.labelOf(vaultHost)).inc(seconds),
    budgetLeft(vaultHost, left) {
      const vault = names.labelOf(vaultHost);
      if (left === undefined) budget.remove(vault);
      // One number cannot show many budgets.
      else if (vault !== otherVaults) budget.labels(vault).set(left);
    },
  };
}

function keyVaultSeries(registry: Registry) {
  const labels = ['vault', 'operation'];
  return {
    requests: counter(
      registry,
      'vaultsecret_keyvault_requests_total',
      'Requests to Key Vault by outcome.',
      [...labels, 'code'],
    ),
    duration: histogram(
      registry,
      'vaultsecret_keyvault_request_duration_seconds',
      'Length of a request to Key Vault.',
      labels,
    ),
    throttled: counter(
      registry,
      'vaultsecret_keyvault_throttle_wait_seconds_total',
      "Time spent waiting for a vault's budget.",
      ['vault'],
    ),
    budget: gauge(
      registry,
      'vaultsecret_keyvault_budget_requests',
      'Requests that the budget of a vault lets pass at once; absent while it is full.',
      ['vault'],
    ),
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
  const open = new Set<string>();
  const series = new Gauge({
    name: 'vaultsecret_breaker_open',
    help: '1 while a host is left alone because it does not answer; absent otherwise.',
    labelNames: ['host'],
    registers: [registry],
    collect() {
      series.reset();
      const hosts = [...open];
      for (const host of hosts.slice(0, mostHosts)) series.labels(host).set(1);
      if (hosts.length > mostHosts) series.labels(otherHosts).set(1);
    },
  });
  return {
    breaker(hostname, isOpen) {
      if (isOpen) open.add(hostname);
      else open.delete(hostname);
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
