import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import type { Chance } from './chance.ts';
import type { Behaviour } from './hosts.ts';
import type { World } from './world.ts';

/** The tenant that is watched: its host answers, and what it does depends on no chance of others. */
export const watched = 'watched';
const watchedHost = 'watched.vault.azure.net';
/** Latencies around the constants of the code: silence, deadlines, patience. */
const latenciesMs = [10, 90, 490, 510, 1_500, 3_000, 4_900, 5_100, 14_900] as const;

export const troubleMs = 120_000;

function aSpec(host: string, objects: number, name = 'object'): Partial<VaultSecretSpec> {
  const data = Array.from({ length: objects }, (_, index) => ({
    dataKey: `K${index}`,
    secret: { name: `${name}-${index}` },
  }));
  return { vaultUrl: `https://${host}`, serviceAccountName: 'app', refreshInterval: '10m', data };
}

/** What the watched tenant does, the same in every world: `at` milliseconds after the start. */
export const watchedEvents: readonly { readonly atMs: number; readonly name: string }[] =
  Array.from({ length: 10 }, (_, index) => ({ atMs: 500 + index * 11_000, name: `own-${index}` }));

export function beginWatched({ hosts }: World): void {
  hosts.set(watchedHost, { kind: 'answers', latencyMs: 60 });
}

export function editWatched(world: World, name: string): void {
  world.edit(watched, name, { ...aSpec(watchedHost, 3, name), refreshInterval: '1m' });
}

/** All others: many hosts, most of them in some trouble, and many VaultSecrets that come, change and go. */
export class Others {
  readonly #world: World;
  readonly #chance: Chance;
  readonly #hosts: readonly string[];
  readonly #namespaces: readonly string[];

  constructor(world: World) {
    this.#world = world;
    this.#chance = world.chance;
    const count = this.#chance.between(2, 30);
    this.#hosts = Array.from({ length: count }, (_, index) => `other-${index}.vault.azure.net`);
    const namespaces = this.#chance.between(1, 4);
    this.#namespaces = Array.from({ length: namespaces }, (_, index) => `tenant-${index}`);
  }

  begin(): void {
    for (const host of this.#hosts) this.#world.hosts.set(host, this.#behaviour());
    const many = this.#chance.pick([20, 40, 80, 20, 40, 80, 300]);
    for (let index = 0; index < many; index += 1) this.#edit(index);
  }

  /** One event of many kinds. */
  act(): void {
    const { hosts } = this.#world;
    const host = this.#host();
    const name = `v${this.#chance.between(0, 40)}`;
    switch (this.#chance.between(0, 5)) {
      case 0:
        return hosts.set(host, this.#behaviour());
      case 1:
        return hosts.rotate(host, 'object-0');
      case 2:
        return this.#world.remove(this.#namespace(), name);
      case 3:
        return this.#driftOf(this.#namespace(), name);
      default:
        return this.#edit(this.#chance.between(0, 40));
    }
  }

  /** Every host answers again. */
  endTrouble(): void {
    for (const host of this.#hosts) this.#world.hosts.set(host, { kind: 'answers', latencyMs: 20 });
  }

  #edit(index: number): void {
    const objects = this.#chance.pick([1, 1, 1, 5, 20]);
    this.#world.edit(this.#namespace(), `v${index}`, aSpec(this.#host(), objects));
  }

  #driftOf(namespace: string, name: string): void {
    const { server } = this.#world.tenantOf(namespace);
    if (server.names().includes(name)) this.#world.drift(namespace, name);
  }

  #host(): string {
    return this.#hosts[this.#chance.between(0, this.#hosts.length - 1)] ?? watchedHost;
  }

  #namespace(): string {
    return this.#namespaces[this.#chance.between(0, this.#namespaces.length - 1)] ?? 'tenant-0';
  }

  #behaviour(): Behaviour {
    const latencyMs = this.#chance.pick(latenciesMs);
    return this.#chance.pick<Behaviour>([
      { kind: 'silent' },
      { kind: 'silent' },
      { kind: 'answers', latencyMs },
      { kind: 'refuses', latencyMs },
      { kind: 'throttles', perSecond: this.#chance.between(1, 40) },
      { kind: 'breaksDown', share: 0.3 },
    ]);
  }
}
