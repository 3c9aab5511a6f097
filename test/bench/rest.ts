import { setTimeout as sleep } from 'node:timers/promises';
import { parseDuration } from '../../src/api/duration.ts';
import { secrets } from '../testbed/kubeResources.ts';
import type { World } from '../testbed/world.ts';
import { none, type Measurement } from './figure.ts';
import { createFleet, dataKey, type Member } from './fleet.ts';
import { untilSynced } from './settling.ts';
import { countValueReads } from './valueReads.ts';
import { withoutRotation, writesSince } from './writesApart.ts';

/** The shortest that is allowed. */
const refreshInterval = '1m';
const intervalMs = parseDuration(refreshInterval) ?? 0;
const refreshes = 3;
export const rest: Measurement<'rest-writes' | 'rest-value-reads'> = {
  figures: {
    'rest-writes': { unit: 'writes', promise: none },
    'rest-value-reads': { unit: 'reads', promise: none },
  },
  isScaled: true,
  measure: (bench) =>
    bench.inWorld(async (world) => {
      const { objects } = bench;
      const members = await createFleet(world, {
        objects,
        vaults: 1,
        identities: 1,
        refreshInterval,
      });
      const controller = await bench.startController(world);
      await untilSynced(controller, objects);
      await world.azure.resetRequestCounts();
      const since = Date.now();
      const rotated = await rotateAndRest(world, members);

      const writes = withoutRotation(writesSince(await world.writes(), since), rotated);
      const reads = await countValueReads(world.azure);
      const note = `over ${refreshes} refreshes; without those of the rotation, which was seen`;
      return {
        'rest-writes': { value: writes.length, note },
        'rest-value-reads': { value: reads - 1, note },
      };
    }),
};

/** Answers whose object was rotated. @throws Error when the rotation did not arrive */
async function rotateAndRest({ azure, kube }: World, members: readonly Member[]): Promise<Member> {
  const [rotated] = members;
  if (rotated === undefined) throw new Error('there is no VaultSecret');
  const value = 'rotated';
  await sleep(intervalMs / 2);
  await azure.putSecret(rotated.team.vault, rotated.objectName, { value });
  await sleep(intervalMs * refreshes - intervalMs / 2);
  const { data } = await kube.get(secrets, rotated);
  if (data[dataKey] !== Buffer.from(value).toString('base64')) {
    throw new Error('the rotation was not seen');
  }
  return rotated;
}
