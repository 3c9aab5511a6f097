import {
  at,
  clientSecret,
  textAt,
  type Reply,
  type StandInWorld,
} from '../support/standInWorld.ts';
import { differenceOf } from './likeness.ts';
import type { Exchange, Recording } from './recording.ts';
import { requestBodyOf } from './vaultBodies.ts';
import {
  consistencyDelayMs,
  faultsFor,
  senderOf,
  vaultSceneOf,
  type Sender,
  type VaultScene,
} from './vaultScene.ts';
import { seedsOf, tokenIn, type Seed } from './vaultSeeds.ts';

/** A world whose next versions get the ids that they have in the recording. */
export interface ReplayWorld extends StandInWorld {
  nextVersionIds: string[];
}

const everything = {
  secrets: ['get', 'list', 'set', 'delete', 'recover', 'backup', 'restore', 'purge'],
  certificates: ['get', 'list', 'create'],
  keys: ['get', 'list', 'create', 'sign'],
};

/** Sends the requests of one recording to a vault of its own; answers the reply to each. */
export async function replayVault(
  world: ReplayWorld,
  recording: Recording,
): Promise<Map<string, Reply>> {
  const scene = vaultSceneOf(recording);
  const officer = await setScene(world, scene);
  await plantSeeds(world, scene, recording);
  const replay = { world, recording, scene, officer, links: new Map(), backup: undefined };
  const replies = new Map<string, Reply>();
  for (const exchange of recording.exchanges) {
    replies.set(exchange.id, await replayOne(replay, exchange));
  }
  return replies;
}

async function setScene(world: ReplayWorld, scene: VaultScene): Promise<string> {
  await world.admin('POST /vaults', scene);
  await world.admin('PUT /entra/faults', { tokenLifeSeconds: 86_399 });
  const officer = await world.addApplication({ tenantId: scene.tenantId });
  const grant = { vault: scene.name, clientId: officer };
  await world.admin('POST /roleAssignments', { ...grant, role: 'Key Vault Administrator' });
  await world.admin('POST /accessPolicies', { ...grant, ...everything });
  return officer;
}

async function plantSeeds(
  world: ReplayWorld,
  scene: VaultScene,
  recording: Recording,
): Promise<void> {
  const seeds = seedsOf(recording);
  world.nextVersionIds.length = 0;
  for (const { name, version, input } of seeds) {
    if (version !== undefined) world.nextVersionIds.push(version);
    await world.admin(`PUT ${pathOf(scene, name)}`, input);
  }
  for (const name of new Set(seeds.filter(isGone).map((seed) => seed.name))) {
    await world.admin(`DELETE ${pathOf(scene, name)}`);
  }
  for (const name of new Set(seeds.filter(isBack).map((seed) => seed.name))) {
    await world.admin(`POST ${pathOf(scene, name)}/recover`);
  }
}

const pathOf = (scene: VaultScene, name: string): string => `/vaults/${scene.name}/secrets/${name}`;
const isBack = ({ isRecovered }: Seed): boolean => isRecovered === true;
const isGone = (seed: Seed): boolean => seed.isDeleted || isBack(seed);

interface Replay {
  world: ReplayWorld;
  recording: Recording;
  scene: VaultScene;
  officer: string;
  /** Recorded skip tokens and those that the stand-in gave in their place. */
  links: Map<string, string>;
  backup: unknown;
}

/**
 * Where the service is slow to agree with itself, the stand-in is asked at once, and again when the
 * clock has moved: an answer that changes nothing may come earlier than the recorded one.
 */
async function replayOne(replay: Replay, exchange: Exchange): Promise<Reply> {
  const { world, scene } = replay;
  await world.admin(`PUT /vaults/${scene.name}/faults`, faultsFor(exchange));
  let reply = await send(replay, exchange);
  for (let moves = 0; moves < 2 && mayChange(exchange, reply); moves += 1) {
    world.clock.nowMs += consistencyDelayMs / 2;
    reply = await send(replay, exchange);
  }
  remember(replay, exchange, reply);
  return reply;
}

function mayChange(exchange: Exchange, reply: Reply): boolean {
  const isRefused = reply.status === 404 || reply.status === 409;
  const isHarmless = exchange.request.method === 'GET' || isRefused;
  return isHarmless && differenceOf(exchange, reply) !== undefined;
}

async function send(replay: Replay, exchange: Exchange): Promise<Reply> {
  const { world, scene, recording } = replay;
  const { method, path, headers } = exchange.request;
  const token = await tokenFor(replay, senderOf(exchange));
  world.nextVersionIds.splice(0, Infinity, ...versionMadeBy(recording, exchange));
  const given = tokenIn(path);
  const ours = given === undefined ? undefined : replay.links.get(given);
  const clientRequestId = headers['x-ms-client-request-id'];
  return world.ask(`${method} ${given && ours ? path.replace(given, ours) : path}`, {
    token,
    vault: scene.name.toLowerCase(),
    headers: clientRequestId === undefined ? {} : { 'x-ms-client-request-id': 'ours' },
    body: requestBodyOf(recording, exchange, replay.backup),
  });
}

/** The id of the version that the request makes, where an answer shows it. */
function versionMadeBy({ exchanges }: Recording, exchange: Exchange): string[] {
  const { method, path } = exchange.request;
  const certificate = /^\/certificates\/([^/]+)\/create/.exec(path)?.[1];
  const shown =
    certificate === undefined
      ? method === 'PUT' && exchange.response.body
      : exchanges.find(
          ({ response }) =>
            String(at(response.body, 'id')).includes(`/certificates/${certificate}/`) &&
            at(response.body, 'cer') !== undefined,
        )?.response.body;
  const version = /\/([0-9a-f]{32})$/.exec(String(at(shown, 'id')))?.[1];
  return version === undefined ? [] : [version];
}

function remember(replay: Replay, { response }: Exchange, { body }: Reply): void {
  const recorded = tokenIn(at(response.body, 'nextLink'));
  const ours = tokenIn(at(body, 'nextLink'));
  if (recorded !== undefined && ours !== undefined) replay.links.set(recorded, ours);
  if (String(at(response.body, 'value')).startsWith('KUF6dXJlS2V5')) replay.backup = body;
}

async function tokenFor({ world, scene, officer }: Replay, sender: Sender): Promise<string | null> {
  const { tenantId } = scene;
  switch (sender.kind) {
    case 'nobody':
      return null;
    case 'garbage':
      return 'garbage';
    case 'officer':
      return tokenOf(world, officer, { tenantId });
    case 'officerOf':
      return tokenOf(world, officer, { tenantId, resource: sender.resource });
    case 'stranger': {
      const { clientId, objectId, resources } = sender;
      const kind = resources.resourceId === undefined ? 'application' : 'userAssignedIdentity';
      await world.addApplication({ clientId, objectId, tenantId, kind, ...resources });
      return kind === 'application'
        ? tokenOf(world, clientId, { tenantId })
        : hostTokenOf(world, clientId);
    }
    case 'foreigner': {
      const foreigner = await world.addApplication({ tenantId: sender.tenantId });
      return tokenOf(world, foreigner, { tenantId: sender.tenantId });
    }
  }
}

async function hostTokenOf(world: ReplayWorld, clientId: string): Promise<string> {
  await world.admin('PUT /imds/faults', {});
  const query = new URLSearchParams({
    'api-version': '2018-02-01',
    resource: 'https://vault.azure.net',
    client_id: clientId,
  });
  const path = `/metadata/identity/oauth2/token?${query.toString()}`;
  const { body } = await world.imds(path, { metadata: 'true' });
  return textAt(body, 'access_token');
}

async function tokenOf(
  world: ReplayWorld,
  clientId: string,
  of: { tenantId: string | undefined; resource?: string },
): Promise<string> {
  const { tenantId, resource = 'https://vault.azure.net' } = of;
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: `${resource}/.default`,
  };
  const { body } = await world.entra('/oauth2/v2.0/token', form, tenantId);
  return textAt(body, 'access_token');
}
