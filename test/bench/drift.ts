import { setTimeout as sleep } from 'node:timers/promises';
import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets } from '../testbed/kubeResources.ts';
import type { World } from '../testbed/world.ts';
import { below, type Measurement } from './figure.ts';
import { createFleet, dataKey, type Member } from './fleet.ts';
import { untilSynced } from './settling.ts';
import { percentile } from './statistics.ts';

const edits = 100;
/** managedFields keep whole seconds: none of the edits may share one with our own write. */
const restMs = 5_000;

export const drift: Measurement<'drift-p99-ms'> = {
  figures: { 'drift-p99-ms': { unit: 'ms', promise: below(250) } },
  isScaled: true,
  measure: (bench) =>
    bench.inWorld(async (world) => {
      const members = await createFleet(world, { objects: bench.objects });
      const controller = await bench.startController(world);
      await untilSynced(controller, bench.objects);
      await sleep(restMs);
      const repairs: number[] = [];
      for (const member of someOf(members)) repairs.push(await repairMs(world, member));
      const middle = percentile(repairs, 50).toFixed(0);
      const note = `median ${middle}, largest ${Math.max(...repairs).toFixed(0)}`;
      return { 'drift-p99-ms': { value: percentile(repairs, 99), note } };
    }),
};

/** Evenly over all, each once. */
function someOf(members: readonly Member[]): Member[] {
  const step = Math.max(Math.floor(members.length / edits), 1);
  return members.filter((_, index) => index % step === 0).slice(0, edits);
}

/** From when the edit is sent to when a watch shows the former value again. */
async function repairMs({ kube }: World, member: Member): Promise<number> {
  const own = base64(member.value);
  const foreign = base64('foreign');
  const watching = Promise.withResolvers<void>();
  let wasForeign = false;
  const repaired = untilObject(kube, secrets, member, {
    what: 'a foreign edit to be repaired',
    holds(secret) {
      watching.resolve();
      const value = secret?.data[dataKey];
      wasForeign ||= value === foreign;
      return wasForeign && value === own;
    },
  });
  await Promise.race([watching.promise, repaired]);
  const sentAt = performance.now();
  await kube.mergePatch(secrets, member, { data: { [dataKey]: foreign } });
  await repaired;
  return performance.now() - sentAt;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
