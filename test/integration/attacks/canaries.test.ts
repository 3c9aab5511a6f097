import { generateKeyPairSync, randomUUID } from 'node:crypto';
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  onTestFailed,
  onTestFinished,
  test,
} from 'vitest';
import { findCanaries } from '../../support/canaries.ts';
import type { ControllerProcess } from '../../testbed/controllerProcess.ts';
import { textsOf, untilCondition, untilSecret } from '../../testbed/expectations.ts';
import { clusterVaultConnections, secrets, vaultSecrets } from '../../testbed/kubeResources.ts';
import type { Team, VaultSecretInput } from '../../testbed/stage.ts';
import { openWorld } from '../../testbed/world.ts';
import { askForRefresh, refreshed } from '../syncedVaultSecret.ts';
import { refuseSecrets } from './admissionPolicy.ts';
import { createControllerIdentity, type ControllerIdentity } from './controllerIdentity.ts';
import { startHostileHost, type HostileHost } from './hostileHost.ts';
import { createHostileVaults, honest, resolveEntra } from './hostileVault.ts';
import { readPublicPlaces } from './publicPlaces.ts';
import { marksOfTokens } from './tokenMarks.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage, azure } = world;
const canaries = new Map<string, string>();
const controllers: ControllerProcess[] = [];
const metrics: string[] = [];
let own: ControllerIdentity;
let hostile: HostileHost;
let team: Team;

/** A value that changes its looks wherever it is written. */
function canary(name: string): string {
  const value = `${randomUUID()} "quoted" \\ ä & % + <${name}>\n${randomUUID()}`;
  canaries.set(name, value);
  return value;
}

const encoded = (text: string): string => Buffer.from(text).toString('base64');

async function start(): Promise<ControllerProcess> {
  const args = [...hostile.args, resolveEntra(testbed), '--log-level=trace'];
  const password = encodeURIComponent(canary('the password of a proxy'));
  const env = { ...own.env, HTTPS_PROXY: `http://user:${password}@127.0.0.1:9` };
  const controller = await world.startController({ args, env });
  controllers.push(controller);
  await controller.untilReady();
  return controller;
}

beforeAll(async () => {
  [own, hostile] = await Promise.all([createControllerIdentity(world), startHostileHost()]);
  await start();
  team = await stage.createTeam();
  for (const [name, mark] of await marksOfTokens(world, team)) canaries.set(name, mark);
});
beforeEach(() => onTestFailed(() => console.error(controllers.at(-1)?.lines.at(-1))));
afterAll(async () => {
  await kube.delete(clusterVaultConnections, { name: team.vault });
  await world.close();
  await Promise.all([own.close(), hostile.close()]);
});

type Decode = VaultSecretInput['data'][number]['decode'];

const dataOf = (name: string) => [{ dataKey: 'PASSWORD', secret: { name } }];
const inTeam = (name: string) => ({ namespace: team.namespace, name });

/** A VaultSecret of one object, which is put into the vault first. */
async function put(name: string, value: string, decode?: Decode) {
  await azure.putSecret(team.vault, name, { value });
  const data = dataOf(name).map((entry) => (decode === undefined ? entry : { ...entry, decode }));
  await stage.createVaultSecret(team, name, { data });
  return inTeam(name);
}

const synced = { status: 'True', reason: 'Synced' } as const;
const failedAs = (reason: string) => ({ status: 'False', reason }) as const;

/** What can befall a value on its way. Each test shows that it did; what was left behind is searched at the end. */
describe('a value', () => {
  test('is synced, follows a rotation, and is put back after foreign edits', async () => {
    const at = await put('plain', canary('the first value'));
    await untilCondition(kube, at, synced);
    const second = canary('the second value');
    await azure.putSecret(team.vault, 'plain', { value: second });
    await refreshed(world, at);
    await untilSecret(kube, at, { PASSWORD: second });
    const foreign = { PASSWORD: encoded(canary('a foreign value')), SURPLUS: encoded('x') };

    await kube.mergePatch(secrets, at, { data: foreign });
    await untilSecret(kube, at, { PASSWORD: second });
    const stringData = { PASSWORD: canary('a foreign value as text') };
    await kube.apply(secrets, { metadata: at, stringData }, 'kubectl');

    expect(await untilSecret(kube, at, { PASSWORD: second })).toBeDefined();
  });

  test('is a PEM, or bytes', async () => {
    const { privateKey: pem } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    canaries.set('a private key', pem);

    await untilCondition(kube, await put('pem', pem), synced);
    const at = await put('bytes', encoded(canary('decoded bytes')), 'base64');
    expect(await untilCondition(kube, at, synced)).toBeDefined();
  });

  test('may not be read', async () => {
    const at = await put('forbidden', canary('a forbidden value'));
    await untilCondition(kube, at, synced);
    const other = await stage.createVault();
    await azure.putSecret(other, 'forbidden', { value: canary('a value that was never read') });

    const spec = { vaultUrl: `https://${other}.vault.azure.net` };
    await kube.mergePatch(vaultSecrets, at, { spec });

    expect(await untilCondition(kube, at, failedAs('KeyVaultRoleMissing'))).toBeDefined();
  });

  test('is disabled, or has expired', async () => {
    const at = await put('off', canary('a disabled value'));
    await untilCondition(kube, at, synced);
    await azure.changeSecret(team.vault, 'off', { enabled: false });
    await askForRefresh(kube, at);
    await untilCondition(kube, at, failedAs('KeyVaultSecretDisabled'));

    await azure.putSecret(team.vault, 'old', { value: canary('an expired value'), expires: 1 });
    await stage.createVaultSecret(team, 'old', { data: dataOf('old') });

    const reason = 'KeyVaultSecretExpired';
    expect(await untilCondition(kube, inTeam('old'), failedAs(reason))).toBeDefined();
  });

  test.each(['base64', 'hex'] as const)('cannot be decoded as %s', async (decode) => {
    const at = await put(`no-${decode}`, canary(`a value that is not ${decode}`), decode);

    expect(await untilCondition(kube, at, failedAs('ValueNotDecodable'))).toBeDefined();
  });

  test('does not fit the type of the Secret', async () => {
    const at = await put('docker', canary('what is no registry login'));
    const data = [{ dataKey: '.dockerconfigjson', secret: { name: 'docker' } }];
    const target = { type: 'kubernetes.io/dockerconfigjson' };

    await kube.mergePatch(vaultSecrets, at, { spec: { data, target } });

    expect(await untilCondition(kube, at, failedAs('ValueNotDecodable'))).toBeDefined();
  });

  test('is too large', async () => {
    const at = await put('large', `${canary('a large value')}${'x'.repeat(24_000)}`);
    const secret = { name: 'large' };
    const data = Array.from({ length: 44 }, (_, index) => ({ dataKey: `K${index}`, secret }));

    await kube.mergePatch(vaultSecrets, at, { spec: { data } });

    expect(await untilCondition(kube, at, failedAs('SecretTooLarge'))).toBeDefined();
  });

  test('belongs into a Secret that is immutable', async () => {
    const at = await put('fixed', canary('the value of an immutable Secret'));
    await untilCondition(kube, at, synced);
    await kube.mergePatch(secrets, at, { immutable: true });
    await azure.putSecret(team.vault, 'fixed', { value: canary('the value that came too late') });

    await askForRefresh(kube, at);

    expect(await untilCondition(kube, at, failedAs('SecretImmutable'))).toBeDefined();
  });

  test('is refused by a policy that quotes it', async () => {
    const refused = await stage.createTeam();
    const value = `${randomUUID()}-ä`;
    canaries.set('a value that a policy quoted', value);
    const data = { PASSWORD: encoded(value) };
    const policy = await refuseSecrets(kube, refused.namespace, data);
    onTestFinished(() => policy.close());
    expect(findCanaries(policy.text, canaries)).not.toEqual([]);
    await azure.putSecret(refused.vault, 'password', { value });

    await stage.createVaultSecret(refused, 'refused', { data: dataOf('password') });

    const at = { namespace: refused.namespace, name: 'refused' };
    expect(await untilCondition(kube, at, failedAs('PolicyRefused'))).toBeDefined();
  });

  test('comes in an answer that breaks off', async () => {
    const vaults = await createHostileVaults(world, hostile, team);
    const value = JSON.stringify(canary('a value in a broken answer'));

    const { at } = await vaults.open(honest, () => ({ status: 200, body: `{"value":${value},` }));

    expect(await untilCondition(kube, at, failedAs('KeyVaultRefused'))).toBeDefined();
  });

  test('lies behind a proxy that is not there, and has a password', async () => {
    const vaultUrl = 'https://beyond.vault.usgovcloudapi.net';
    await stage.createVaultSecret(team, 'beyond', { data: dataOf('beyond'), vaultUrl });

    expect(await untilCondition(kube, inTeam('beyond'), failedAs('ProxyFailed'))).toBeDefined();
  });

  test('is lent, until Azure refuses it', async () => {
    const { vault, namespace } = team;
    const role = 'Key Vault Secrets User';
    await azure.assignRoles({ vault, clientId: own.clientId, role });
    await azure.putSecret(vault, 'lent', { value: canary('a lent value') });
    const vaultUrl = `https://${vault}.vault.azure.net`;
    const identity = { kind: 'ControllerWorkloadIdentity' };
    const allowedNamespaces = { names: [namespace] };
    await kube.create(clusterVaultConnections, {
      metadata: { name: vault },
      spec: { vaultUrl, allowedNamespaces, lend: { identity, objectPatterns: ['lent'] } },
    });
    const at = inTeam('lent');
    const vaultConnectionRef = { kind: 'ClusterVaultConnection', name: vault } as const;
    const spec = { vaultConnectionRef, data: dataOf('lent') };
    await kube.create(vaultSecrets, { metadata: at, spec });
    await untilCondition(kube, at, synced);
    await azure.removeRoles({ vault, clientId: own.clientId });

    await askForRefresh(kube, at);

    expect(await untilCondition(kube, at, failedAs('LentReadRefused'))).toBeDefined();
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('lives through a restart by %s', async (signal) => {
    const at = inTeam('plain');
    const former = controllers.at(-1);
    metrics.push((await former?.metrics()) ?? '');
    await former?.end(signal);
    const value = canary(`a value after ${signal}`);
    await azure.putSecret(team.vault, 'plain', { value });

    await start();
    await refreshed(world, at);

    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: value });
  });

  test('is read with a token that the vault takes no longer', async () => {
    onTestFinished(() => azure.setVaultFaults(team.vault, {}));
    await azure.setVaultFaults(team.vault, { rejectTokens: true });
    const at = inTeam('plain');

    await askForRefresh(kube, at);

    await controllers.at(-1)?.untilLogged((line) => line.includes('KeyVaultTokenRefused'));
    expect(await kube.get(secrets, at)).toBeDefined();
  });
});

describe('of all that, in what the controller writes for others', () => {
  test('everything is searched: what must be there is found', async () => {
    const { namespace, vault } = team;
    metrics.push((await controllers.at(-1)?.metrics()) ?? '');
    const known = new Map(Object.entries({ namespace, vault }));
    const places = await readPublicPlaces(world, controllers, metrics);

    const silent = [...places].filter(([, text]) => findCanaries(text, known).length === 0);
    expect(silent.map(([place]) => place)).toEqual([]);
    expect(places.size).toBe(7);
    expect(canaries.size).toBeGreaterThan(20);
    expect(controllers.length).toBe(3);
  });

  test('no value and no token stands anywhere', async () => {
    const places = await readPublicPlaces(world, controllers, metrics);

    const found = [...places].flatMap(([place, text]) =>
      findCanaries(text, canaries).map((what) => `${place}: ${what}`),
    );

    // The API server itself records what a policy says to whom.
    const ofThePolicy = /^audit log: a value that a policy quoted/;
    expect(found.filter((one) => !ofThePolicy.test(one))).toEqual([]);
  });

  test('a planted value is found', async () => {
    const at = inTeam('plain');
    const value = canaries.get('the first value') ?? '';

    await askForRefresh(kube, at, encoded(value));

    const places = await readPublicPlaces(world, controllers, metrics);
    const found = findCanaries(places.get('VaultSecrets') ?? '', canaries);
    expect(found).toContain('the first value, in base64 at 0');
  });
});
