import { setTimeout as sleep } from 'node:timers/promises';
import { untilObject } from '../../testbed/kubeConditions.ts';
import { secrets, type Secret } from '../../testbed/kubeResources.ts';
import type { Team } from '../../testbed/stage.ts';
import type { World } from '../../testbed/world.ts';
import { dataKey } from '../fleet.ts';
import { forEachAtOnce } from '../pool.ts';
import type { Delay } from './delays.ts';
import { sightings } from './sightings.ts';

/** A tenant whose vaults have little to do. */
export interface IdleTenant {
  /** The Secret of its first VaultSecret is there. */
  untilWarm(): Promise<void>;
  /**
   * Creates VaultSecrets at an even pace, however late they are served: every other one names the vault that is known
   * by then, the others a new vault each. Calls back when the last one is created.
   */
  firstSyncs(onCreated: () => Promise<void>): Promise<Delay[]>;
}

const namespace = 'a-idle';
const samples = 100;
const paceMs = 200;
/** After the last one is created. */
const patienceMs = 60_000;
const ageSeconds = 3_600;
const setupAtOnce = 8;
const first = 'first';
const secretName = 'idle';

export async function createIdleTenant(world: World): Promise<IdleTenant> {
  const team = await world.stage.createTeam({ namespace });
  const newVaults = await createVaults(world, team);
  const create = async (name: string, vault: string): Promise<void> => {
    const vaultUrl = `https://${vault}.vault.azure.net`;
    const data = [{ dataKey, secret: { name: secretName } }];
    await world.stage.createVaultSecret({ ...team, vaultUrl }, name, { data });
  };
  await create(first, team.vault);
  return {
    async untilWarm() {
      await untilObject(
        world.kube,
        secrets,
        { namespace, name: first },
        {
          what: 'the Secret of the idle tenant',
          holds: (secret) => secret !== undefined,
          timeoutMs: patienceMs,
        },
      );
    },
    async firstSyncs(onCreated) {
      const limitMs = samples * paceMs + patienceMs;
      const holds = ({ metadata }: Secret): boolean => metadata.name !== first;
      const seen = sightings(world.kube, { namespace, count: samples, limitMs, holds });
      const sentAt = await createAtPace((index) =>
        create(nameOf(index), newVaults[(index - 1) / 2] ?? team.vault),
      );
      await onCreated();
      const seenAt = await seen;
      const endedAt = performance.now();
      return sentAt.map((at, index) => {
        const servedAt = seenAt.get(nameOf(index));
        const isServed = servedAt !== undefined;
        return { ms: (servedAt ?? endedAt) - at, isServed, isWarm: index % 2 === 0 };
      });
    },
  };
}

/** The tenant may read each; its answers are one object, an hour old. */
async function createVaults(world: World, { vault, clientId }: Team): Promise<string[]> {
  const { azure } = world;
  const vaults = Array.from({ length: samples / 2 }, (_, index) => `idle-${index}`);
  await azure.createVaults(...vaults.map((name) => ({ name })));
  const role = 'Key Vault Secrets User';
  await azure.assignRoles(...vaults.map((name) => ({ vault: name, clientId, role })));
  const created = Math.floor(Date.now() / 1000) - ageSeconds;
  await forEachAtOnce([vault, ...vaults], setupAtOnce, async (name) => {
    await azure.putSecrets(name, { name: secretName, value: `value of ${name}`, created });
  });
  return vaults;
}

/** Answers when each was sent. */
async function createAtPace(create: (index: number) => Promise<void>): Promise<number[]> {
  const startedAt = performance.now();
  const sentAt: number[] = [];
  const sent: Promise<void>[] = [];
  for (let index = 0; index < samples; index += 1) {
    await sleep(Math.max(startedAt + index * paceMs - performance.now(), 0));
    sentAt.push(performance.now());
    sent.push(create(index));
  }
  await Promise.all(sent);
  return sentAt;
}

function nameOf(index: number): string {
  return `sample-${index}`;
}
