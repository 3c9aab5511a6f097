import { setTimeout as sleep } from 'node:timers/promises';
import { nextRefresh } from '../../src/core/diagnose/schedule.ts';
import { parseDuration } from '../../src/api/duration.ts';
import { below, none, type Measurement } from './figure.ts';
import { createFleet, restfulInterval, type Member } from './fleet.ts';
import { untilCounted, untilSynced } from './settling.ts';
import { countValueReads } from './valueReads.ts';
import { writesSince } from './writesApart.ts';

/** For what a restart may set off late. */
const restMs = 10_000;
const intervalMs = parseDuration(restfulInterval) ?? 0;

export const restart: Measurement<'restart-writes' | 'restart-value-reads' | 'restart-ready-s'> = {
  figures: {
    'restart-writes': { unit: 'writes', promise: none },
    'restart-value-reads': { unit: 'reads', promise: none },
    'restart-ready-s': { unit: 's', promise: below(5) },
  },
  isScaled: true,
  measure: (bench) =>
    bench.inWorld(async (world) => {
      const { objects } = bench;
      const members = await createFleet(world, { objects });
      const first = await bench.startController(world);
      await untilSynced(first, objects);
      await first.end('SIGTERM');
      await world.azure.resetRequestCounts();

      const second = await bench.startController(world);
      await second.untilReady(60_000);
      const readyMs = Date.now() - second.startedAt;
      await untilCounted(second, 'controller_runtime_reconcile_total', objects);
      await sleep(restMs);

      const due = countDue(members, second.startedAt, Date.now());
      const writes = writesSince(await world.writes(), second.startedAt);
      const reads = await countValueReads(world.azure);
      return {
        'restart-writes': { value: writes.length },
        'restart-value-reads': {
          value: Math.max(reads - due, 0),
          note: `${reads} reads, ${due} refreshes were due by schedule`,
        },
        'restart-ready-s': { value: readyMs / 1000 },
      };
    }),
};

/** The schedule is computed from uid and interval, so it is known here as well. */
function countDue(members: readonly Member[], fromMs: number, toMs: number): number {
  return members.filter(({ uid }) => nextRefresh(fromMs, intervalMs, uid) <= toMs).length;
}
