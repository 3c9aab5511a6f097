import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Agent, request } from 'undici';
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  onTestFailed,
  test,
} from 'vitest';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf, untilCondition } from '../testbed/expectations.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets, vaultSecrets } from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import { openWorld } from '../testbed/world.ts';
import { writesIn } from './syncedVaultSecret.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage, azure } = world;
const ca = readFileSync(testbed.azure.caFile, 'utf8');
const agent = new Agent({ connect: { ca, servername: 'localhost' }, allowH2: false });
let controller: ControllerProcess;

beforeAll(async () => {
  const clockJump = resolve(import.meta.dirname, '../testbed/clockJump.ts');
  controller = await world.startController({ env: { NODE_OPTIONS: `--import=${clockJump}` } });
  await controller.untilReady();
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterAll(async () => {
  await azure.setEntraFaults({});
  await agent.destroy();
  await world.close();
});

/** Whom a service of Azure takes the bearer of the token for, if it takes the token at all. */
async function callerAt(host: string, token: string): Promise<unknown> {
  const { statusCode, body } = await request(`https://${testbed.azure.vaultAddress}/`, {
    dispatcher: agent,
    headers: { host, authorization: `Bearer ${token}` },
  });
  const answer: unknown = await body.json();
  return statusCode === 200 ? answer : statusCode;
}

async function synced(
  team: Team,
  data: Parameters<typeof stage.createVaultSecret>[2]['data'],
  type?: string,
) {
  const at = { namespace: team.namespace, name: 'app' };
  const { serviceAccountName } = team;
  const target = type === undefined ? {} : { target: { type } };
  await kube.create(vaultSecrets, { metadata: at, spec: { serviceAccountName, data, ...target } });
  await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
  return { at, secret: await kube.get(secrets, at) };
}

const entryFor = (resource: string) => [{ dataKey: 'TOKEN', accessToken: { resource } }];

describe('an access token in a Secret', () => {
  const hosts = {
    arm: 'management.azure.com',
    dataLake: 'lake.azuredatalakestore.net',
    sql: 'shop.database.windows.net',
    eventHubs: 'shop.servicebus.windows.net',
    serviceBus: 'shop.servicebus.windows.net',
    storage: 'shop.blob.core.windows.net',
    'https://management.azure.com/.default': 'management.azure.com',
  };

  test.each(Object.entries(hosts))(
    'for %s lets its holder in there as the identity of the ServiceAccount, and nowhere else',
    async (resource, host) => {
      const team = await stage.createTeam({ role: null });
      const { secret } = await synced(team, entryFor(resource));
      const token = textsOf(secret)['TOKEN'] ?? '';

      expect(await callerAt(host, token)).toEqual({ clientId: team.clientId });
      const others = Object.values(hosts).filter((other) => other !== host);
      for (const other of others) expect(await callerAt(other, token)).toBe(401);
    },
  );

  test('is renewed long before it expires, and nothing is written until then', async () => {
    await azure.setEntraFaults({ tokenLifeSeconds: 800 });
    const { at, secret } = await synced(await stage.createTeam({ role: null }), entryFor('arm'));
    const written = await writesIn(world, at.namespace);

    // The clock jumps ten minutes ahead: more than two thirds of the token's life, and less than all of it.
    process.kill(controller.pid, 'SIGUSR2');
    await kube.mergePatch(vaultSecrets, at, {
      metadata: { annotations: { 'vaultsecret.dev/refresh': 'now' } },
    });

    const renewed = await untilObject(kube, secrets, at, {
      what: 'another token',
      holds: (found) => found?.data['TOKEN'] !== secret.data['TOKEN'] && found,
    });
    expect(await callerAt(hosts.arm, textsOf(renewed)['TOKEN'] ?? '')).not.toBe(401);
    expect(written).toEqual(['patch secrets/app 201', 'patch vaultsecrets/app/status 200']);
    const { status } = await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    expect(status?.sources?.[0]).toMatchObject({ name: 'arm' });
  });
});

describe('a login to a container registry', () => {
  const data = [
    { dataKey: '.dockerconfigjson', containerRegistry: { server: 'example.azurecr.io' } },
  ];

  test('becomes a pull secret, once the identity has a role', async () => {
    await azure.putRegistries({ name: 'example' });
    const team = await stage.createTeam({ role: null });
    const at = { namespace: team.namespace, name: 'app' };
    const { serviceAccountName } = team;
    const target = { type: 'kubernetes.io/dockerconfigjson' };
    await kube.create(vaultSecrets, { metadata: at, spec: { serviceAccountName, data, target } });
    await untilCondition(kube, at, { status: 'False', reason: 'RegistryRefused' });

    await azure.putRegistries({ name: 'example', readers: [team.clientId] });

    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    const secret = await kube.get(secrets, at);
    expect(textsOf(secret)['.dockerconfigjson']).toContain('"example.azurecr.io":{"username"');
  });
});

describe('the API server refuses', () => {
  const spec = { serviceAccountName: 'app', data: entryFor('arm') };

  test.each<readonly [string, object, string]>([
    ['an entry without a source', { data: [{ dataKey: 'A' }] }, 'must have exactly one of secret'],
    [
      'an entry with two sources',
      { data: [{ dataKey: 'A', secret: { name: 'a' }, accessToken: { resource: 'arm' } }] },
      'must have exactly one of secret',
    ],
    ['an unknown resource', { data: entryFor('graph') }, 'spec.data[0].accessToken.resource'],
    [
      'a scope without TLS',
      { data: entryFor('http://example.com/.default') },
      'accessToken.resource',
    ],
    [
      'a scope that is none',
      { data: entryFor('https://management.azure.com') },
      'accessToken.resource',
    ],
    [
      'a registry of somebody else',
      { data: [{ dataKey: 'A', containerRegistry: { server: 'example.azurecr.io.evil.com' } }] },
      'spec.data[0].containerRegistry.server',
    ],
    [
      'a token that is to be decoded',
      { data: [{ ...entryFor('arm')[0], decode: 'hex' }] },
      'must have decode only beside secret',
    ],
    ['a token for nobody', { serviceAccountName: undefined }, 'must have serviceAccountName'],
    [
      'a secret of no vault',
      { data: [{ dataKey: 'A', secret: { name: 'a' } }] },
      'must have either vaultUrl',
    ],
  ])('%s', async (_, change, message) => {
    const namespace = await stage.createNamespace();
    const object = { metadata: { namespace, name: 'app' }, spec: { ...spec, ...change } };
    await expect(kube.create(vaultSecrets, object)).rejects.toThrow(message);
  });
});
