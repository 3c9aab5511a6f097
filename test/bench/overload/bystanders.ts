import { setTimeout as sleep } from 'node:timers/promises';
import { parseDuration } from '../../../src/api/duration.ts';
import { secrets } from '../../testbed/kubeResources.ts';
import type { World } from '../../testbed/world.ts';
import { dataKey } from '../fleet.ts';
import type { Delay } from './delays.ts';
import { sightings } from './sightings.ts';

/** A tenant whose VaultSecrets are in sync before the load comes, and are to stay so. */
export interface Bystanders {
  untilSynced(): Promise<void>;
  /** Rotates objects: how much later than their interval allows the Secrets follow. */
  lateRefreshes(): Promise<Delay[]>;
  /** Edits Secrets: how long each takes to be repaired. */
  repairs(): Promise<Delay[]>;
}

const namespace = 'a-bystander';
const rotated = 20;
const edited = 20;
const refreshInterval = '1m';
const intervalMs = parseDuration(refreshInterval) ?? 0;
const patienceMs = 60_000;
const paceMs = 500;
/** managedFields keep whole seconds: no edit may share one with our own write. */
const restMs = 5_000;
const ageSeconds = 3_600;
const foreign = base64('foreign');

export async function createBystanders(world: World): Promise<Bystanders> {
  const { azure, kube, stage } = world;
  const team = await stage.createTeam({ namespace });
  const names = Array.from({ length: rotated + edited }, (_, index) => `app-${index}`);
  const created = Math.floor(Date.now() / 1000) - ageSeconds;
  await azure.putSecrets(team.vault, ...names.map((name) => ({ name, value: name, created })));
  for (const name of names) {
    const data = [{ dataKey, secret: { name } }];
    await stage.createVaultSecret(team, name, { refreshInterval, data });
  }
  return {
    async untilSynced() {
      const sought = { namespace, count: names.length, limitMs: patienceMs, holds: () => true };
      const { size } = await sightings(kube, sought);
      if (size < names.length) throw new Error(`${size} of ${names.length} Secrets are there`);
    },
    lateRefreshes: () => rotate(world, team.vault, names.slice(0, rotated)),
    repairs: () => edit(world, names.slice(rotated)),
  };
}

async function rotate(
  { azure, kube }: World,
  vault: string,
  names: readonly string[],
): Promise<Delay[]> {
  const value = 'rotated';
  const seen = sightings(kube, {
    namespace,
    count: names.length,
    limitMs: intervalMs + patienceMs,
    holds: ({ data }) => data[dataKey] === base64(value),
  });
  const dueAt = performance.now() + intervalMs;
  await azure.putSecrets(vault, ...names.map((name) => ({ name, value })));
  return delaysFrom(new Map(names.map((name) => [name, dueAt])), await seen);
}

async function edit({ kube }: World, names: readonly string[]): Promise<Delay[]> {
  const wasForeign = new Set<string>();
  const seen = sightings(kube, {
    namespace,
    count: names.length,
    limitMs: restMs + names.length * paceMs + patienceMs,
    holds({ metadata: { name }, data }) {
      if (data[dataKey] === foreign) wasForeign.add(name);
      return wasForeign.has(name) && data[dataKey] === base64(name);
    },
  });
  await sleep(restMs);
  const sentAt = new Map<string, number>();
  for (const name of names) {
    sentAt.set(name, performance.now());
    await kube.mergePatch(secrets, { namespace, name }, { data: { [dataKey]: foreign } });
    await sleep(paceMs);
  }
  return delaysFrom(sentAt, await seen);
}

function delaysFrom(
  dueAt: ReadonlyMap<string, number>,
  seenAt: ReadonlyMap<string, number>,
): Delay[] {
  const endedAt = performance.now();
  return [...dueAt].map(([name, at]) => {
    const servedAt = seenAt.get(name);
    const ms = Math.max((servedAt ?? endedAt) - at, 0);
    return { ms, isServed: servedAt !== undefined, isWarm: true };
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
