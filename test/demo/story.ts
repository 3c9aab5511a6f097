import { refreshAnnotation } from '../../src/api/meta.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets, vaultSecrets, type Secret, type VaultSecret } from '../testbed/kubeResources.ts';
import { readWrites, type RecordedWrite } from '../testbed/controlPlane/auditLog.ts';
import type { Team } from '../testbed/stage.ts';
import type { World } from '../testbed/world.ts';

/** One line of the closing table. */
export interface Row {
  readonly what: string;
  readonly seen: string;
  /** Between two writes, by the API server's stamps; undefined where it keeps none. */
  readonly tookMs: number | undefined;
}

export interface Scene {
  readonly world: World;
  readonly team: Team;
  /** Tells the reader what happens. */
  readonly say: (line: string) => void;
}

const role = 'Key Vault Secrets User';

const readyOf = (vaultSecret: VaultSecret | undefined) =>
  vaultSecret?.status?.conditions?.find(({ type }) => type === 'Ready');

/** Milliseconds from the first to the last of these writes, by when the API server answered them. */
async function between(
  { world, team }: Scene,
  from: (write: RecordedWrite) => boolean,
  to: (write: RecordedWrite) => boolean,
): Promise<number | undefined> {
  const { auditLog } = world.testbed;
  if (auditLog === undefined) return undefined;
  const writes = (await readWrites(auditLog)).filter(
    ({ namespace }) => namespace === team.namespace,
  );
  const start = writes.findLast(from);
  const end = writes.findLast(to);
  if (start === undefined || end === undefined) return undefined;
  return Date.parse(end.at) - Date.parse(start.at);
}

const secretWrite = ({ resource, verb }: RecordedWrite): boolean =>
  resource === 'secrets' && (verb === 'patch' || verb === 'create');

function untilSecret(
  { world, team }: Scene,
  what: string,
  holds: (secret: Secret | undefined) => boolean,
): Promise<boolean> {
  return untilObject(
    world.kube,
    secrets,
    { namespace: team.namespace, name: 'shop' },
    { what, holds },
  );
}

function untilVaultSecret(
  { world, team }: Scene,
  what: string,
  holds: (vaultSecret: VaultSecret | undefined) => string | undefined | false,
): Promise<string> {
  const at = { namespace: team.namespace, name: 'shop' };
  return untilObject(world.kube, vaultSecrets, at, { what, holds });
}

const decoded = (secret: Secret | undefined, dataKey: string): string | undefined => {
  const value = secret?.data[dataKey];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
};

async function refresh({ world, team }: Scene, reason: string): Promise<void> {
  const at = { namespace: team.namespace, name: 'shop' };
  await world.kube.mergePatch(vaultSecrets, at, {
    metadata: { annotations: { [refreshAnnotation]: reason } },
  });
}

export async function sync(scene: Scene): Promise<Row> {
  const { world, team, say } = scene;
  say(`a VaultSecret in namespace ${team.namespace} names three objects of ${team.vaultUrl}`);
  const [, first = ''] = await world.azure.putSecrets(
    team.vault,
    { name: 'db-password', value: 'first' },
    { name: 'api-key', value: 'key of today' },
    { name: 'keystore', value: Buffer.from('bytes').toString('base64') },
  );
  await world.azure.putSecret(team.vault, 'api-key', { value: 'key of tomorrow' });
  await world.stage.createVaultSecret(team, 'shop', {
    data: [
      { dataKey: 'DB_PASSWORD', secret: { name: 'db-password' } },
      { dataKey: 'API_KEY', secret: { name: 'api-key', version: first } },
      { dataKey: 'keystore.bin', secret: { name: 'keystore' }, decode: 'base64' },
    ],
  });
  await untilSecret(
    scene,
    'the first Secret',
    (secret) =>
      decoded(secret, 'DB_PASSWORD') === 'first' &&
      decoded(secret, 'API_KEY') === 'key of today' &&
      decoded(secret, 'keystore.bin') === 'bytes',
  );
  await untilVaultSecret(
    scene,
    'Ready',
    (vaultSecret) => readyOf(vaultSecret)?.status === 'True' && 'ready',
  );
  const tookMs = await between(
    scene,
    ({ resource, verb }) => resource === 'vaultsecrets' && verb === 'create',
    secretWrite,
  );
  return { what: 'first sync', seen: 'Secret with 3 keys, one pinned, one decoded', tookMs };
}

export async function rotation(scene: Scene): Promise<Row> {
  const { world, team, say } = scene;
  say('db-password gets a new version in Key Vault; the refresh annotation asks for it now');
  await world.azure.putSecret(team.vault, 'db-password', { value: 'second' });
  await refresh(scene, 'rotation');
  await untilSecret(
    scene,
    'the rotated value',
    (secret) => decoded(secret, 'DB_PASSWORD') === 'second',
  );
  const tookMs = await between(
    scene,
    ({ resource, verb }) => resource === 'vaultsecrets' && verb === 'patch',
    secretWrite,
  );
  return { what: 'rotation', seen: 'the new value in the Secret', tookMs };
}

export async function drift(scene: Scene): Promise<Row> {
  const { world, team, say } = scene;
  say('somebody edits the Secret and adds a key');
  const at = { namespace: team.namespace, name: 'shop' };
  const data = { DB_PASSWORD: Buffer.from('foreign').toString('base64'), ADDED: 'eA==' };
  await world.kube.mergePatch(secrets, at, { data });
  await untilSecret(
    scene,
    'the repair',
    (secret) => decoded(secret, 'DB_PASSWORD') === 'second' && secret?.data['ADDED'] === undefined,
  );
  const tookMs = await between(
    scene,
    ({ resource, verb, user }) => resource === 'secrets' && verb === 'patch' && user === 'admin',
    secretWrite,
  );
  return { what: 'drift', seen: 'the value is back, the surplus key gone', tookMs };
}

export async function revoked(scene: Scene): Promise<Row> {
  const { world, team, say } = scene;
  say('the identity loses its role at the vault');
  const grant = { vault: team.vault, clientId: team.clientId, role };
  await world.azure.removeRoles(grant);
  await refresh(scene, 'revoked');
  const message = await untilVaultSecret(scene, 'the explanation', (vaultSecret) => {
    const ready = readyOf(vaultSecret);
    return ready?.status === 'False' && ready.message;
  });
  say(`the VaultSecret says: ${message}`);
  await untilSecret(
    scene,
    'the last good Secret',
    (secret) => decoded(secret, 'DB_PASSWORD') === 'second',
  );
  const tookMs = await between(
    scene,
    ({ resource, verb }) => resource === 'vaultsecrets' && verb === 'patch',
    ({ resource }) => resource === 'vaultsecrets/status',
  );
  await world.azure.assignRoles(grant);
  await refresh(scene, 'granted again');
  await untilVaultSecret(
    scene,
    'Ready again',
    (vaultSecret) => readyOf(vaultSecret)?.status === 'True' && 'ready',
  );
  return {
    what: 'access revoked',
    seen: 'explained with the command; last good Secret kept',
    tookMs,
  };
}

export async function deletion(scene: Scene): Promise<Row> {
  const { world, team, say } = scene;
  say('the VaultSecret is deleted');
  const at = { namespace: team.namespace, name: 'shop' };
  await world.kube.delete(vaultSecrets, at);
  await untilSecret(scene, 'the Secret to go', (secret) => secret === undefined);
  const tookMs = await between(
    scene,
    ({ resource, verb }) => resource === 'vaultsecrets' && verb === 'delete',
    ({ resource, verb }) => resource === 'secrets' && verb === 'delete',
  );
  return { what: 'deletion', seen: 'the Secret went with its VaultSecret', tookMs };
}
