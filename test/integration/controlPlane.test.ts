import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { tokenExchangeAudience } from '../../src/api/meta.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { configMaps, vaultSecrets } from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import { openWorld } from '../testbed/world.ts';
import { exchangeToken } from './entraExchange.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage } = world;
afterAll(() => world.close());

const data = [{ dataKey: 'PASSWORD', secret: { name: 'password' } }];

describe('the API server of the test bed', () => {
  test('serves VaultSecrets, and refuses what their schema forbids', async () => {
    const team = await stage.createTeam();

    const created = await stage.createVaultSecret(team, 'shop', { data });

    expect(created.spec.vaultUrl).toBe(team.vaultUrl);
    await expect(
      stage.createVaultSecret(team, 'other', { data, vaultUrl: 'http://shop.vault.azure.net' }),
    ).rejects.toThrow(/^422 .*spec[.]vaultUrl/);
  });

  test('collects what a VaultSecret owned once that is gone', async () => {
    const team = await stage.createTeam();
    const { namespace } = team;
    const { metadata } = await stage.createVaultSecret(team, 'shop', { data });
    const { apiVersion, kind } = vaultSecrets;
    const ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid }];
    await kube.create(configMaps, { metadata: { namespace, name: 'owned', ownerReferences } });
    await kube.create(configMaps, { metadata: { namespace, name: 'kept' } });

    await kube.delete(vaultSecrets, { namespace, name: 'shop' });

    const owned = { namespace, name: 'owned' };
    await untilObject(kube, configMaps, owned, {
      what: 'the owned ConfigMap to go',
      holds: (configMap) => configMap === undefined,
    });
    expect(await kube.find(configMaps, { namespace, name: 'kept' })).toBeDefined();
  });
});

describe('Microsoft Entra ID of the test bed', () => {
  test('exchanges a ServiceAccount token of the cluster for one of the bound identity', async () => {
    const team = await stage.createTeam();

    const { status, body } = await exchangeToken(testbed, team.clientId, await tokenOf(team));

    expect({ status, error: body.error_codes }).toEqual({ status: 200 });
    expect(decodeJwt(body.access_token ?? '')).toMatchObject({
      aud: 'https://vault.azure.net',
      appid: team.clientId,
      tid: testbed.azure.tenantId,
    });
  });

  test('refuses a token of another audience', async () => {
    const team = await stage.createTeam();

    const token = await tokenOf(team, 'https://kubernetes.default.svc');

    expect(await exchangeToken(testbed, team.clientId, token)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client', error_codes: [700212] },
    });
  });

  test('refuses the token of another ServiceAccount', async () => {
    const [team, neighbour] = await Promise.all([stage.createTeam(), stage.createTeam()]);

    const token = await tokenOf(neighbour);

    expect(await exchangeToken(testbed, team.clientId, token)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client', error_codes: [700213] },
    });
  });

  test('refuses a token of another issuer', async () => {
    const team = await stage.createTeam();

    const token = await resigned(await tokenOf(team), { iss: 'https://issuer.example.com' });

    expect(await exchangeToken(testbed, team.clientId, token)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client', error_codes: [700211] },
    });
  });

  test('refuses a token that only claims to be of the cluster', async () => {
    const team = await stage.createTeam();

    const token = await resigned(await tokenOf(team), {});

    expect(await exchangeToken(testbed, team.clientId, token)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client', error_codes: [700027] },
    });
  });
});

function tokenOf(team: Team, audience = tokenExchangeAudience): Promise<string> {
  const { namespace, serviceAccountName: name } = team;
  return kube.requestToken({ namespace, name }, { audience });
}

/** The token with other claims, under the cluster's key id but signed by a key of our own. */
async function resigned(token: string, claims: { readonly iss?: string }): Promise<string> {
  const { alg = '', kid = '' } = decodeProtectedHeader(token);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return new SignJWT({ ...decodeJwt(token), ...claims })
    .setProtectedHeader({ alg, kid })
    .sign(privateKey);
}
