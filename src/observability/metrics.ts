import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Fleet } from '../core/status/fleet.ts';
import type {
  ApiServerMetrics,
  ControllerMetrics,
  InformerMetrics,
  KeyVaultMetrics,
  Lateness,
  LeaderMetrics,
  NetMetrics,
  TokenMetrics,
  VaultSecretMetrics,
  WorkqueueMetrics,
} from '../ports/metrics.ts';
import type { Clock } from '../ports/system.ts';
import { certificateMetrics, keyVaultMetrics, netMetrics, tokenMetrics } from './azureMetrics.ts';
import {
  apiServerMetrics,
  controllerMetrics,
  informerMetrics,
  leaderMetrics,
  workqueueMetrics,
} from './runtimeMetrics.ts';
import { gauge } from './series.ts';
import { fleetMetrics, latenessMetrics, vaultSecretMetrics } from './vaultSecretMetrics.ts';

/** Every metric of the process. Labels are bounded: vault hosts, resources, results and codes, never an object's name. */
export interface Metrics {
  readonly registry: Registry;
  /** Of the controller with this name. */
  workqueue(name: string): WorkqueueMetrics;
  controller(name: string): ControllerMetrics;
  readonly informer: InformerMetrics;
  readonly leader: LeaderMetrics;
  readonly apiServer: ApiServerMetrics;
  readonly keyVault: KeyVaultMetrics;
  readonly token: TokenMetrics;
  readonly vaultSecret: VaultSecretMetrics;
  readonly net: NetMetrics;
  /** Asked at each scrape. */
  fleet(survey: () => Fleet): void;
  /** The same: when the client certificates that are in use expire, milliseconds since the Unix epoch. */
  certificates(survey: () => readonly number[]): void;
  lateness(survey: () => Lateness): void;
}

export function createMetrics(version: string, clock: Pick<Clock, 'elapsed'>): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  gauge(registry, 'vaultsecret_build_info', 'Always 1; the label says which version runs.', [
    'version',
  ])
    .labels(version)
    .set(1);
  return {
    registry,
    workqueue: workqueueMetrics(registry),
    controller: controllerMetrics(registry),
    informer: informerMetrics(registry),
    leader: leaderMetrics(registry),
    apiServer: apiServerMetrics(registry),
    keyVault: keyVaultMetrics(registry, clock),
    token: tokenMetrics(registry),
    vaultSecret: vaultSecretMetrics(registry),
    net: netMetrics(registry),
    fleet: (survey) => fleetMetrics(registry, survey),
    certificates: (survey) => certificateMetrics(registry, survey),
    lateness: (survey) => latenessMetrics(registry, survey),
  };
}
