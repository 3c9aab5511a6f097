import type { Controller } from '../runtime/controller.ts';
import type { Informer } from '../runtime/informer.ts';

/** What hangs, in one line for /healthz; undefined while it makes progress. */
export type HealthCheck = () => string | undefined;

/**
 * A list, an event, a bookmark or a failure comes within three minutes, and the longest pause after a failure is five. An
 * API server that is down is no hang: a restart would not help.
 */
const informerHangsAfterMs = 600_000;

type Idle = Pick<Informer<never>, 'resource' | 'idleMs'>;

export function informerChecks(informers: readonly Idle[]): readonly HealthCheck[] {
  return informers.map((informer) => () => {
    const idleMs = informer.idleMs();
    if (idleMs <= informerHangsAfterMs) return undefined;
    return `informer ${informer.resource} has made no progress for ${Math.floor(idleMs / 1000)} s`;
  });
}

/**
 * Reads end after a minute or two, writes after 30 s each, so a reconcile that runs for longer waits for what never comes,
 * and holds its key and perhaps a worker until a restart.
 */
const reconcileHangsAfterMs = 600_000;

export function controllerChecks(
  controllers: readonly Pick<Controller, 'name' | 'longestRunMs'>[],
): readonly HealthCheck[] {
  return controllers.map((controller) => () => {
    const runMs = controller.longestRunMs();
    if (runMs <= reconcileHangsAfterMs) return undefined;
    return `a reconcile of controller ${controller.name} has run for ${Math.floor(runMs / 1000)} s`;
  });
}

export function firstHanging(checks: readonly HealthCheck[]): string | undefined {
  for (const check of checks) {
    const problem = check();
    if (problem !== undefined) return problem;
  }
  return undefined;
}
