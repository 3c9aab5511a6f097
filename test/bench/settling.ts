import { setTimeout as sleep } from 'node:timers/promises';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { metricSum } from './exposition.ts';

/** A scrape of 10,000 VaultSecrets costs the controller ten milliseconds: half a percent of it. */
const lookEveryMs = 2_000;

/**
 * Waits until a counter of the controller has come to the value.
 * @throws Error when it has not moved for a minute
 */
export async function untilCounted(
  controller: ControllerProcess,
  metric: string,
  value: number,
): Promise<void> {
  let seen = -1;
  let movedAt = Date.now();
  for (;;) {
    const count = metricSum(await controller.metrics(), metric);
    if (count >= value) return;
    if (count !== seen) movedAt = Date.now();
    else if (Date.now() - movedAt > 60_000) {
      throw new Error(`${metric} stands still at ${count}, short of ${value}`);
    }
    seen = count;
    await sleep(lookEveryMs);
  }
}

/** Every VaultSecret has its Secret, and its status says so. */
export async function untilSynced(controller: ControllerProcess, objects: number): Promise<void> {
  await controller.untilReady(60_000);
  await untilCounted(controller, 'vaultsecret_status_writes_total', objects);
}
