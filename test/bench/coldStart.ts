import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets } from '../testbed/kubeResources.ts';
import { below, type Measurement } from './figure.ts';
import { createFleet } from './fleet.ts';
import { medianOf } from './statistics.ts';

const starts = 5;

export const coldStart: Measurement<'cold-start-ms'> = {
  figures: { 'cold-start-ms': { unit: 'ms', promise: below(1_000) } },
  isScaled: false,
  measure: (bench) =>
    bench.inWorld(async (world) => {
      const runs: number[] = [];
      for (let start = 0; start < starts; start += 1) {
        const [member] = await createFleet(world, { objects: 1, vaults: 1, identities: 1 });
        if (member === undefined) throw new Error('there is no VaultSecret');
        const written = untilObject(world.kube, secrets, member, {
          what: 'the first Secret',
          holds: (secret) => secret !== undefined,
        }).then(() => Date.now());
        const controller = await bench.startController(world);
        runs.push((await written) - controller.startedAt);
        await controller.end('SIGTERM');
        // Else the next start would find one more VaultSecret.
        await world.stage.clear();
      }
      return { 'cold-start-ms': medianOf(runs) };
    }),
};
