import type { ErrorAction, Reconcile } from '../../../src/ports/controller.ts';
import type { ControllerMetrics } from '../../../src/ports/metrics.ts';
import { createController } from '../../../src/runtime/controller.ts';
import { createWorkqueue } from '../../../src/runtime/workqueue.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { createMemoryLog, createQueueFigures, evenRandom } from './fakes.ts';

interface Given {
  readonly reconcile: Reconcile;
  readonly errorPolicy?: (error: unknown) => ErrorAction;
  readonly workers?: number;
  readonly abort?: AbortController;
}

/** A controller that runs on its own queue and a manual clock. */
export function start({
  reconcile,
  errorPolicy = () => ({ action: 'backoff' }),
  workers = 2,
  abort = new AbortController(),
}: Given) {
  const clock = createManualClock(1_000_000);
  const log = createMemoryLog();
  const random = evenRandom;
  const outcomes: string[] = [];
  const active: number[] = [];
  const metrics: ControllerMetrics = {
    reconciled: (outcome, seconds) => outcomes.push(`${outcome} ${seconds}s`),
    active: (running) => active.push(running),
  };
  const queue = createWorkqueue({ clock, random, metrics: createQueueFigures() });
  const controller = createController({
    name: 'things',
    keyField: 'thing',
    queue,
    abort,
    clock,
    log,
    metrics,
    random,
    reconcile,
    errorPolicy,
    workers,
  });
  controller.start();
  return { clock, log, queue, controller, outcomes, active };
}
