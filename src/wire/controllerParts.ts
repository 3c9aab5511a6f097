import type { ApiClient } from '../kube/request.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Options } from '../options/options.ts';
import { errorPolicy } from '../reconcilers/errorPolicy.ts';
import { createController, type Controller, type ControllerDeps } from '../runtime/controller.ts';
import { createWorkqueue } from '../runtime/workqueue.ts';
import type { Workqueue } from '../ports/workqueue.ts';
import type { Informers } from './informers.ts';
import type { System } from './system.ts';

/** What every controller is made of. */
export interface ControllerParts {
  readonly options: Options;
  readonly system: System;
  /** For reconciles: writes only while this replica leads, and ends with `abort`. */
  readonly api: ApiClient;
  /** For events: any replica may write them, and those that wait are written after the Lease is given back. */
  readonly eventApi: ApiClient;
  readonly metrics: Metrics;
  readonly informers: Informers;
  /** Ends what still runs when a stop has waited long enough. */
  readonly abort: AbortController;
}

type OwnDeps = Pick<ControllerDeps, 'name' | 'keyField' | 'queue' | 'reconcile' | 'workers'>;

export function controllerOf(
  { system, metrics, abort }: ControllerParts,
  deps: OwnDeps,
): Controller {
  return createController({
    ...deps,
    abort,
    errorPolicy,
    metrics: metrics.controller(deps.name),
    ...system,
  });
}

export function createQueue({ system, metrics }: ControllerParts, name: string): Workqueue {
  return createWorkqueue({ ...system, metrics: metrics.workqueue(name) });
}
