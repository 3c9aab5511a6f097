import type { Team } from '../testbed/stage.ts';
import type { World } from '../testbed/world.ts';
import { forEachAtOnce } from './pool.ts';

/** One VaultSecret of a fleet with the Key Vault object that it names. */
export interface Member {
  readonly team: Team;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly objectName: string;
  /** Of that object. */
  readonly version: string;
  readonly value: string;
}

export interface FleetOptions {
  readonly objects: number;
  readonly vaults?: number;
  /** An existing one, instead of so many new ones. */
  readonly vault?: string;
  /** One a namespace. */
  readonly identities?: number;
  readonly refreshInterval?: string;
}

export const dataKey = 'PASSWORD';

/** Hours: of 10,000 VaultSecrets one is due every four minutes, so that a measurement meets hardly any. */
export const restfulInterval = '720h';
/** Key Vault tells versions apart by whole seconds: none of a fleet's is younger. */
const ageSeconds = 3_600;
const writesAtOnce = 32;
const teamsAtOnce = 8;

/** Creates VaultSecrets of one object each, evenly over the namespaces, and what they read. */
export async function createFleet(world: World, options: FleetOptions): Promise<Member[]> {
  const { objects, refreshInterval = restfulInterval } = options;
  const teams = await createTeams(world, options);
  const perTeam = Math.ceil(objects / teams.length);
  const planned: Omit<Member, 'uid'>[] = [];
  await forEachAtOnce([...teams.entries()], teamsAtOnce, async ([index, team]) => {
    const count = Math.min(perTeam, objects - index * perTeam);
    planned.push(...(await putObjects(world, team, count)));
  });
  const members: Member[] = [];
  await forEachAtOnce(planned, writesAtOnce, async (member) => {
    const { team, name, objectName } = member;
    const spec = { refreshInterval, data: [{ dataKey, secret: { name: objectName } }] };
    const { metadata } = await world.stage.createVaultSecret(team, name, spec);
    members.push({ ...member, uid: metadata.uid });
  });
  return members;
}

async function createTeams(world: World, options: FleetOptions): Promise<Team[]> {
  const { objects, vault: existing, vaults: vaultCount = 10, identities = 100 } = options;
  const vaults =
    existing === undefined
      ? await Promise.all(Array.from({ length: vaultCount }, () => world.stage.createVault()))
      : [existing];
  const teams: Team[] = [];
  const places = Array.from({ length: Math.min(identities, objects) }, (_, index) => index);
  await forEachAtOnce(places, teamsAtOnce, async (index) => {
    const vault = vaults[index % vaults.length];
    if (vault !== undefined) teams.push(await world.stage.createTeam({ vault }));
  });
  return teams;
}

async function putObjects(world: World, team: Team, count: number): Promise<Omit<Member, 'uid'>[]> {
  const { namespace, vault } = team;
  const created = Math.floor(Date.now() / 1000) - ageSeconds;
  const objects = Array.from({ length: Math.max(count, 0) }, (_, index) => ({
    name: `${namespace}--${index}`,
    value: `value ${index} of ${namespace}`,
    created,
  }));
  const versions = await world.azure.putSecrets(vault, ...objects);
  return objects.map(({ name, value }, index) => {
    const version = versions[index] ?? '';
    return { team, namespace, name: `app-${index}`, objectName: name, version, value };
  });
}
