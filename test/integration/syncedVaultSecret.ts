import { randomUUID } from 'node:crypto';
import { refreshAnnotation } from '../../src/api/meta.ts';
import { untilCondition } from '../testbed/expectations.ts';
import type { ObjectName } from '../testbed/kubeClient.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets, vaultSecrets, type Secret, type VaultSecret } from '../testbed/kubeResources.ts';
import type { Team, VaultSecretInput } from '../testbed/stage.ts';
import type { World } from '../testbed/world.ts';

/** One key from the one object that `createSynced` puts into the vault. */
export const data: VaultSecretInput['data'] = [
  { dataKey: 'PASSWORD', secret: { name: 'password' } },
];

export interface Synced {
  readonly team: Team;
  /** Of the VaultSecret. */
  readonly at: { readonly namespace: string; readonly name: string };
  readonly vaultSecret: VaultSecret;
  readonly secret: Secret;
}

export interface SyncedOptions {
  readonly name?: string;
  /** By default a new one. */
  readonly team?: Team;
  readonly spec?: Partial<VaultSecretInput>;
}

/** A VaultSecret whose Secret holds `first` under PASSWORD; a controller must be running. */
export async function createSynced(
  { kube, stage, azure }: World,
  { name = 'app', team: given, spec = {} }: SyncedOptions = {},
): Promise<Synced> {
  const team = given ?? (await stage.createTeam());
  if (given === undefined) await azure.putSecret(team.vault, 'password', { value: 'first' });
  const at = { namespace: team.namespace, name };
  await stage.createVaultSecret(team, name, { data, ...spec });
  const vaultSecret = await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
  const target = { ...at, name: spec.target?.name ?? name };
  return { team, at, vaultSecret, secret: await kube.get(secrets, target) };
}

/** Asks for a refresh, and waits until it was acted on: then all that went before is done as well. */
export async function refreshed({ kube }: World, at: ObjectName): Promise<VaultSecret> {
  const asked = randomUUID();
  await askForRefresh(kube, at, asked);
  return untilObject(kube, vaultSecrets, at, {
    what: 'the refresh to be acted on',
    holds: (found) => found?.status?.observedRefresh === asked && found,
  });
}

/** Any value that was not there before asks for a refresh. */
export async function askForRefresh(
  kube: World['kube'],
  at: ObjectName,
  value: string = randomUUID(),
): Promise<void> {
  const annotations = { [refreshAnnotation]: value };
  await kube.mergePatch(vaultSecrets, at, { metadata: { annotations } });
}

/** What the controller wrote in the namespace since the world was opened, but for events and tokens: "patch secrets/app 200". */
export async function writesIn(world: World, namespace: string): Promise<string[]> {
  const writes = (await world.writes()).filter((write) => write.namespace === namespace);
  return writes
    .filter(({ resource }) => resource !== 'events' && resource !== 'serviceaccounts/token')
    .map(({ verb, resource, name, status }) => {
      const [collection, ...subresource] = resource.split('/');
      return `${verb} ${[collection, name, ...subresource].join('/')} ${status}`;
    });
}

/** How often the stand-in was asked for values of this vault. */
export async function valueReads({ azure }: World, vault: string): Promise<number> {
  const { counts } = await azure.requestCounts();
  return counts
    .filter(
      (entry) => entry.vault === vault && (entry.kind === 'get' || entry.kind === 'getVersion'),
    )
    .reduce((total, { count }) => total + count, 0);
}
