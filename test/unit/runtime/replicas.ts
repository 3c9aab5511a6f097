import { expect } from 'vitest';

import { createLeaderElection, type LeaderElection } from '../../../src/runtime/leaderElection.ts';
import { createManualClock, type ManualClock } from '../../support/manualClock.ts';
import { createMemoryLog, evenRandom } from './fakes.ts';
import { createLeaseServer, type Fault, type FaultyClient } from './leaseServer.ts';

export interface Replica {
  readonly client: FaultyClient;
  readonly clock: ManualClock;
  readonly election: LeaderElection;
  readonly stop: AbortController;
  /** "started", "stopped", then how `run` ended. */
  readonly story: string[];
}

/** Replicas on one Lease; their wall clocks differ by hours, their timers run equally fast. */
export function setUpReplicas() {
  const server = createLeaseServer();
  const replicas: Replica[] = [];
  const start = async (identity: string, fault: Fault = 'none'): Promise<Replica> => {
    const client = server.connect();
    client.fault = fault;
    const clock = createManualClock(1_000_000_000 + replicas.length * 7_200_000);
    const story: string[] = [];
    const stop = new AbortController();
    const metrics = { leading: () => {} };
    const deps = { client, identity, clock, random: evenRandom, log: createMemoryLog(), metrics };
    const election = createLeaderElection(deps);
    const replica = { client, clock, election, stop, story };
    replicas.push(replica);
    const callbacks = {
      onStartedLeading: () => void story.push('started'),
      onStoppedLeading: () => void story.push('stopped'),
    };
    election.run(stop.signal, callbacks).then(
      (end) => story.push(end),
      () => story.push('threw'),
    );
    await clock.settle();
    return replica;
  };
  /** In steps short enough for the replicas to see each other. */
  const advance = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 50) {
      for (const { clock } of replicas) await clock.advance(Math.min(50, left));
      const leading = replicas.filter(({ election }) => election.isLeading());
      expect(leading.length, 'replicas that lead at once').toBeLessThanOrEqual(1);
    }
  };
  return { server, start, advance };
}
