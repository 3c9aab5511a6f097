import { setTimeout as sleep } from 'node:timers/promises';
import { electionTimings } from '../../src/runtime/electionTimings.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets } from '../testbed/kubeResources.ts';
import type { World } from '../testbed/world.ts';
import type { Bench } from './benchRun.ts';
import { metricSum } from './exposition.ts';
import { below, type Measurement } from './figure.ts';
import { createFleet, dataKey, type Member } from './fleet.ts';
import { untilSynced } from './settling.ts';
import { medianOf } from './statistics.ts';

const runsEach = 3;
const { leaseDurationMs } = electionTimings();
const leaderTimeoutMs = 60_000;
const writeTimeoutMs = 60_000;

export const failover: Measurement<'failover-clean-ms' | 'failover-kill-ms'> = {
  figures: {
    'failover-clean-ms': { unit: 'ms', promise: below(3_000) },
    'failover-kill-ms': { unit: 'ms', promise: below(leaseDurationMs + 2_000) },
  },
  isScaled: true,
  measure: (bench) =>
    bench.inWorld(async (world) => {
      const [member] = await createFleet(world, { objects: bench.objects });
      if (member === undefined) throw new Error('there is no VaultSecret');
      const leader = await startReplica(bench, world);
      await untilSynced(leader, bench.objects);
      const relay: Relay = { bench, world, member, leader, run: 0 };
      const clean: number[] = [];
      const killed: number[] = [];
      for (let run = 0; run < runsEach; run += 1) {
        clean.push(await handOver(relay, 'SIGTERM'));
        killed.push(await handOver(relay, 'SIGKILL'));
      }
      return { 'failover-clean-ms': medianOf(clean), 'failover-kill-ms': medianOf(killed) };
    }),
};

interface Relay {
  readonly bench: Bench;
  readonly world: World;
  /** Its object and team serve the VaultSecrets that only the next leader can see. */
  readonly member: Member;
  leader: ControllerProcess;
  run: number;
}

/** Ends the leader, and answers how long it took until another replica wrote. */
async function handOver(relay: Relay, signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
  const { bench, world, member, leader } = relay;
  const { namespace, team, objectName } = member;
  const standby = await startReplica(bench, world);
  await standby.untilReady(leaderTimeoutMs);
  const name = `late-${(relay.run += 1)}`;
  const startedAt = performance.now();
  await leader.end(signal);
  const written = untilObject(
    world.kube,
    secrets,
    { namespace, name },
    {
      what: 'the next leader to write',
      holds: (secret) => secret !== undefined,
      timeoutMs: writeTimeoutMs,
    },
  );
  const data = [{ dataKey, secret: { name: objectName } }];
  await Promise.all([written, world.stage.createVaultSecret(team, name, { data })]);
  const durationMs = performance.now() - startedAt;
  await untilLeading(standby);
  relay.leader = standby;
  return durationMs;
}

function startReplica(bench: Bench, world: World): Promise<ControllerProcess> {
  return bench.startController(world, { leaderElect: true });
}

async function untilLeading(replica: ControllerProcess): Promise<void> {
  const deadline = Date.now() + leaderTimeoutMs;
  while (metricSum(await replica.metrics(), 'leader_election_master_status') !== 1) {
    if (Date.now() > deadline) throw new Error('the other replica does not lead');
    await sleep(100);
  }
}
