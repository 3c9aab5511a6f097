import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { azureClouds } from '../../../src/api/cloud.ts';
import { redact, reveal } from '../../../src/core/redacted.ts';
import { createTokenReader } from '../../../src/identity/tokenReader.ts';
import { startAzureWorld, type AzureWorld } from './azureWorld.ts';

let azure: AzureWorld;
beforeAll(async () => {
  azure = await startAzureWorld();
});
afterAll(() => azure.close());

const resource = 'arm';
const server = 'example.azurecr.io';
const lifeMs = 3_600_000;

const claimsOf = (token: string): unknown =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

describe('an access token', () => {
  test('is one of the identity, for the resource, and says when it is to be renewed', async () => {
    await azure.admin.setEntraFaults({ tokenLifeSeconds: lifeMs / 1_000 });
    const { tokenReader, clock } = azure.adapters();
    const { identity } = azure;

    const {
      value,
      expiresOn = 0,
      supersededAt = 0,
    } = await tokenReader.obtain({
      identity,
      ref: { resource },
    });

    const claims = { aud: 'https://management.azure.com', appid: identity.clientId };
    expect(claimsOf(reveal(value))).toMatchObject(claims);
    expect(expiresOn * 1_000 - clock.now()).toBeGreaterThan(lifeMs - 5_000);
    expect(supersededAt * 1_000 - clock.now()).toBeGreaterThan((lifeMs * 2) / 3 - 5_000);
    expect(supersededAt * 1_000 - clock.now()).toBeLessThan((lifeMs * 2) / 3 + 5_000);
  });

  test('stays the same until then, and is another at that moment, though the old one would still do', async () => {
    const { tokenReader, clock } = azure.adapters();
    const { identity } = azure;
    const obtain = async () => tokenReader.obtain({ identity, ref: { resource } });
    const first = await obtain();
    const { supersededAt = 0 } = first;

    await clock.advance(supersededAt * 1_000 - clock.now() - 1_000);
    expect(await obtain()).toEqual(first);
    await clock.advance(2_000);
    expect(reveal((await obtain()).value)).not.toBe(reveal(first.value));
  });

  test('that lives less than a minute is not renewed at once, again and again', async () => {
    await azure.admin.setEntraFaults({ tokenLifeSeconds: 50 });
    const { tokenReader, clock } = azure.adapters();
    const { supersededAt = 0 } = await tokenReader.obtain({
      identity: azure.identity,
      ref: { resource },
    });
    await azure.admin.setEntraFaults({});

    expect(supersededAt * 1_000 - clock.now()).toBeGreaterThan(58_000);
  });

  test.each([
    ['AzurePublic', 'sql', 'https://database.windows.net'],
    ['AzureUSGovernment', 'sql', 'https://database.usgovcloudapi.net'],
    ['AzureChina', 'storage', 'https://storage.azure.com'],
    ['AzureChina', 'keyVault', 'https://vault.azure.cn'],
  ] as const)('in cloud %s is for the %s of that cloud', async (name, resourceThere, audience) => {
    const asked: string[] = [];
    const { clock } = azure.adapters();
    const tokens = {
      async acquire({ scope }: { scope: string }) {
        asked.push(scope);
        return { token: redact('t'), expiresAt: clock.now() + 1, obtainedAt: clock.now() };
      },
    };
    const registryLogin = () => Promise.reject(new TypeError('no registry is asked'));
    const identity = { ...azure.identity, cloud: azureClouds[name] };

    await createTokenReader({ tokens, registryLogin, clock }).obtain({
      identity,
      ref: { resource: resourceThere },
    });

    expect(asked).toEqual([`${audience}/.default`]);
  });

  test.each([{ resource: 'dataLake' }, { server: 'example.azurecr.io' }])(
    'of a resource that its cloud has not is asked of nobody: %o',
    async (ref) => {
      const identity = { ...azure.identity, cloud: azureClouds.AzureChina };
      await azure.admin.resetRequestCounts();

      await expect(azure.adapters().tokenReader.obtain({ identity, ref })).rejects.toMatchObject({
        reason: 'TokenResourceUnknown',
      });
      expect((await azure.admin.requestCounts()).counts).toEqual([]);
    },
  );

  test('for a resource that the tenant does not know is refused, and the scope named', async () => {
    const { tokenReader } = azure.adapters();
    const ref = { resource: 'https://nobody.example/.default' };

    await expect(tokenReader.obtain({ identity: azure.identity, ref })).rejects.toMatchObject({
      reason: 'ResourceNotInTenant',
      details: { scope: ref.resource },
    });
  });
});

describe('a container registry', () => {
  const login = async () =>
    azure.adapters().tokenReader.obtain({ identity: azure.identity, ref: { server } });
  const readers = () => [azure.identity.clientId];

  test('gives a login that a kubelet can use', async () => {
    await azure.admin.putRegistries({ name: 'example', readers: readers() });

    const { value, expiresOn = 0 } = await login();

    const { auths } = JSON.parse(reveal(value)) as {
      auths: Record<string, { username: string; password: string; auth: string }>;
    };
    expect(Object.keys(auths)).toEqual([server]);
    const { username = '', password = '', auth = '' } = auths[server] ?? {};
    expect(username).toBe('00000000-0000-0000-0000-000000000000');
    expect(claimsOf(password)).toMatchObject({ sub: azure.identity.clientId, exp: expiresOn });
    expect(Buffer.from(auth, 'base64').toString()).toBe(`${username}:${password}`);
  });

  test('is asked once while the login lasts', async () => {
    await azure.admin.putRegistries({ name: 'example', readers: readers() });
    const { tokenReader } = azure.adapters();
    const obtain = async () => tokenReader.obtain({ identity: azure.identity, ref: { server } });

    expect(await obtain()).toEqual(await obtain());
  });

  test('that gives the identity no role is explained, with the command', async () => {
    await azure.admin.putRegistries({ name: 'example' });

    await expect(login()).rejects.toMatchObject({
      reason: 'RegistryRefused',
      details: { server, registry: 'example', clientId: azure.identity.clientId, status: 401 },
    });
  });

  test('that fails is tried again', async () => {
    await azure.admin.putRegistries({ name: 'example', readers: readers(), status: 503 });

    await expect(login()).rejects.toMatchObject({
      reason: 'RegistryUnavailable',
      details: { cause: 'status 503' },
    });
  });

  test.each([
    { realm: 'https://evil.example/oauth2/token', service: server },
    { realm: `https://${server}/oauth2/token`, service: 'other.azurecr.io' },
  ])('that names another service in its challenge is sent no token: %o', async (challenge) => {
    await azure.admin.putRegistries({ name: 'example', readers: readers(), challenge });
    await azure.admin.resetRequestCounts();

    await expect(login()).rejects.toMatchObject({ reason: 'RegistryNotTrusted' });
    expect((await azure.admin.requestCounts()).counts).toEqual([]);
  });

  test('that cannot be reached is explained as any other host', async () => {
    const { tokenReader } = azure.adapters();
    const ref = { server: 'nobody.azurecr.io' };

    await expect(tokenReader.obtain({ identity: azure.identity, ref })).rejects.toMatchObject({
      reason: 'RegistryUnavailable',
    });
  });
});
