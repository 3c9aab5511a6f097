import { setTimeout as sleep } from 'node:timers/promises';
import type { VaultFaults } from '../testbed/azureAdmin.ts';
import { vaultSecrets } from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import type { World } from '../testbed/world.ts';
import { below, type Measured, type Measurement } from './figure.ts';
import { sightings } from './overload/sightings.ts';
import { medianOf } from './statistics.ts';

/** One VaultSecret of many objects, on a vault of which other clients leave little. */
interface Situation {
  readonly id: string;
  readonly objects: number;
  /** Requests, as the vault grants them in the long run. */
  readonly perSecond: number;
  readonly left: NonNullable<VaultFaults['left']>;
}

const situations: readonly Situation[] = [
  { id: 'many-objects.50', objects: 50, perSecond: 30, left: { perSecond: 30 } },
  { id: 'many-objects.256', objects: 256, perSecond: 20, left: { per10s: 200 } },
];

const runs = 3;
const allowance = 1.5;
const patienceMs = 60_000;
/** Longer than a vault counts back. */
const restMs = 12_000;
const ageSeconds = 3_600;

export const manyObjects: readonly Measurement[] = situations.map((situation) => {
  const { id, objects, perSecond } = situation;
  const promise = below((allowance * objects * 1_000) / perSecond);
  return {
    figures: { [id]: { unit: 'ms', promise } },
    isScaled: false,
    measure: (bench) =>
      bench.inWorld(async (world) => {
        const team = await world.stage.createTeam();
        await bench.startController(world);
        await syncedMs(world, team, { name: 'first', objects: 1 });
        await world.azure.setVaultFaults(team.vault, { left: situation.left });
        return { [id]: await measureRuns(world, team, situation) };
      }),
  };
});

async function measureRuns(world: World, team: Team, { objects }: Situation): Promise<Measured> {
  const delays: number[] = [];
  let unserved = 0;
  for (let run = 0; run < runs; run += 1) {
    await sleep(restMs);
    const name = `run-${run}`;
    const { ms, isServed } = await syncedMs(world, team, { name, objects });
    delays.push(ms);
    if (!isServed) unserved += 1;
    await world.kube.delete(vaultSecrets, { namespace: team.namespace, name });
  }
  const note = `${unserved} of ${runs} not synced within ${patienceMs / 1000} s`;
  return { ...medianOf(delays), ...(unserved === 0 ? {} : { note }) };
}

/** From when the VaultSecret is sent to when a watch shows its Secret, or to the end of our patience. */
async function syncedMs(
  { azure, kube, stage }: World,
  team: Team,
  { name, objects }: { name: string; objects: number },
): Promise<{ ms: number; isServed: boolean }> {
  const { namespace, vault } = team;
  const names = Array.from({ length: objects }, (_, index) => `${name}-${index}`);
  const created = Math.floor(Date.now() / 1000) - ageSeconds;
  await azure.putSecrets(
    vault,
    ...names.map((secret) => ({ name: secret, value: secret, created })),
  );
  const seen = sightings(kube, {
    namespace,
    count: 1,
    limitMs: patienceMs,
    holds: ({ metadata }) => metadata.name === name,
  });
  const sentAt = performance.now();
  const data = names.map((secret, index) => ({
    dataKey: `KEY_${index}`,
    secret: { name: secret },
  }));
  await stage.createVaultSecret(team, name, { data });
  const seenAt = (await seen).get(name);
  return { ms: (seenAt ?? performance.now()) - sentAt, isServed: seenAt !== undefined };
}
