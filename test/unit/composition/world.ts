import { createGate } from '../../../src/keyvault/gate.ts';
import { throughVaults } from '../../../src/keyvault/reader.ts';
import { createVaults } from '../../../src/keyvault/vaults.ts';
import { PRIORITY } from '../../../src/ports/workqueue.ts';
import { errorPolicy } from '../../../src/reconcilers/errorPolicy.ts';
import { createMemories } from '../../../src/reconcilers/memories.ts';
import { createVaultSecretReconciler } from '../../../src/reconcilers/vaultSecret.ts';
import { createController } from '../../../src/runtime/controller.ts';
import { createLanes } from '../../../src/runtime/lanes.ts';
import { createWorkqueue } from '../../../src/runtime/workqueue.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { now } from '../core/builders.ts';
import { countingMetrics } from '../keyvault/fakeVault.ts';
import { createMemoryLog, createQueueFigures } from '../runtime/fakes.ts';
import { createChance } from './chance.ts';
import { Hosts } from './hosts.ts';
import { kubeOf } from './kube.ts';
import { Tenant } from './tenant.ts';

export const workers = 8;

/**
 * A whole controller as `src/wire` composes it, on hosts and an API server in memory: the real queue, controller, lanes,
 * gate, vaults with their budgets, breaker and reconciler. Secrets are read through a fake of the official client, whose
 * cost would be most of a run.
 */
export function createWorld(seed: number) {
  const clock = createManualClock(now);
  const chance = createChance(seed);
  const random = () => chance.next();
  const hosts = new Hosts(clock);
  const tenants = new Map<string, Tenant>();
  const tenantOf = (namespace: string): Tenant => {
    const tenant = tenants.get(namespace) ?? new Tenant(namespace, clock);
    tenants.set(namespace, tenant);
    return tenant;
  };
  const { metrics } = countingMetrics();
  const vaults = createVaults({ clock, random, metrics });
  const queue = createWorkqueue({ clock, random, metrics: createQueueFigures() });
  const lanes = createLanes({
    clock,
    gate: createGate({ vaults, healthOf: (host) => hosts.breaker.healthOf(host), workers }),
    admitted: (requestKey, priority) => queue.add(requestKey, { priority }),
  });
  const memories = createMemories();
  const reconciles: { readonly requestKey: string; readonly atMs: number }[] = [];
  const reconcile = createVaultSecretReconciler({
    ...kubeOf(tenantOf),
    lanes,
    reader: throughVaults(hosts.reader(), vaults),
    tokenReader: { obtain: () => Promise.reject(new TypeError('no tokens here')) },
    memories,
    clock,
  });
  let mostActive = 0;
  const abort = new AbortController();
  const controller = createController({
    name: 'vaultsecret',
    queue,
    abort,
    reconcile: async (requestKey, context) => {
      reconciles.push({ requestKey, atMs: clock.elapsed() });
      return reconcile(requestKey, context);
    },
    errorPolicy,
    workers,
    clock,
    log: createMemoryLog(),
    metrics: {
      reconciled: () => undefined,
      active: (count) => (mostActive = Math.max(mostActive, count)),
    },
    random,
  });
  controller.start();
  return {
    clock,
    chance,
    hosts,
    tenants,
    tenantOf,
    queue,
    lanes,
    memories,
    reconciles,
    mostActive: () => mostActive,
    /** A user edits or creates a VaultSecret. */
    edit(namespace: string, name: string, spec: Parameters<Tenant['put']>[1]): void {
      tenantOf(namespace).put(name, spec);
      queue.add(`${namespace}/${name}`, { priority: PRIORITY.high });
    },
    remove(namespace: string, name: string): void {
      tenantOf(namespace).vaultSecrets.delete(name);
      queue.add(`${namespace}/${name}`, { priority: PRIORITY.high });
    },
    drift(namespace: string, name: string): void {
      tenantOf(namespace).server.remove(name);
      queue.add(`${namespace}/${name}`);
    },
    /** Whether every reconcile has ended. */
    async stop(): Promise<boolean> {
      const stopped = controller.stop({ graceMs: 0 });
      await clock.advance(2_000);
      return stopped;
    },
  };
}

export type World = ReturnType<typeof createWorld>;
