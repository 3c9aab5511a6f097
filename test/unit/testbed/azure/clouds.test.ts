import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, request } from 'undici';
import { at, clientSecret, startWorld, type StandInWorld } from '../../../support/standInWorld.ts';

const chinaTenant = '11111111-0000-4000-8000-000000000001';
const customTenant = '11111111-0000-4000-8000-000000000002';

let world: StandInWorld;
let agent: Agent;

beforeAll(async () => {
  world = await startWorld();
  agent = new Agent({ connect: { ca: world.caPem, servername: 'localhost' }, allowH2: false });
  await world.admin('POST /clouds', {
    name: 'Own',
    authorityHost: 'login.cloud.example',
    vaultSuffix: 'vault.cloud.example',
    vaultResource: 'https://vault.cloud.example',
  });
  await world.admin('POST /tenants', [
    { tenantId: chinaTenant, cloud: 'AzureChina' },
    { tenantId: customTenant, cloud: 'Own' },
  ]);
  await world.admin('POST /vaults', [
    { name: 'beijing', tenantId: chinaTenant, cloud: 'AzureChina' },
    { name: 'own', tenantId: customTenant, cloud: 'Own' },
  ]);
});
afterAll(async () => {
  await agent.destroy();
  await world.close();
});

interface Asked {
  readonly host: string;
  readonly path: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly token?: string;
}

async function ask({ host, path, form, token }: Asked) {
  const { statusCode, headers, body } = await request(
    `https://${world.standIn.entraAddress}${path}`,
    {
      dispatcher: agent,
      method: form === undefined ? 'GET' : 'POST',
      headers: { host, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      body: form === undefined ? null : new URLSearchParams({ ...form }).toString(),
    },
  );
  const json: unknown = JSON.parse((await body.text()) || 'null');
  return { status: statusCode, challenge: String(headers['www-authenticate']), body: json };
}

const china = 'login.partner.microsoftonline.cn';

async function tokenFor(tenantId: string, resource: string, host: string) {
  const clientId = await world.addApplication({ tenantId });
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: `${resource}/.default`,
  };
  return ask({ host, path: `/${tenantId}/oauth2/v2.0/token`, form });
}

describe('a vault of another cloud', () => {
  test.each([
    ['beijing.vault.azure.cn', china, chinaTenant, 'https://vault.azure.cn'],
    ['own.vault.cloud.example', 'login.cloud.example', customTenant, 'https://vault.cloud.example'],
  ])('%s names authority, tenant and resource of it', async (host, authority, tenant, resource) => {
    const { challenge } = await ask({ host, path: '/secrets?api-version=7.6' });

    expect(challenge).toBe(
      `Bearer authorization="https://${authority}/${tenant}", resource="${resource}"`,
    );
  });

  test('takes tokens for its own resource only', async () => {
    const { body } = await tokenFor(chinaTenant, 'https://graph.microsoft.com', china);
    const token = String(at(body, 'access_token'));

    const answer = await ask({
      host: 'beijing.vault.azure.cn',
      path: '/secrets?api-version=7.6',
      token,
    });

    expect(answer.status).toBe(401);
    expect(at(answer.body, 'error', 'message')).toContain('Expected https://vault.azure.cn');
  });

  test('has no address under the suffix of this one', async () => {
    const asking = ask({ host: 'beijing.vault.azure.net', path: '/secrets?api-version=7.6' });

    await expect(asking).rejects.toThrow(/other side closed|ECONNRESET/);
  });
});

describe('Microsoft Entra ID of a cloud', () => {
  test('knows its own tenants, and gives tokens for its own vaults', async () => {
    const known = await tokenFor(chinaTenant, 'https://vault.azure.cn', china);
    const foreign = await tokenFor(chinaTenant, 'https://vault.azure.net', china);

    expect(known.status).toBe(200);
    expect(at(foreign.body, 'error_codes')).toEqual([500011]);
  });

  test.each([
    ['login.microsoftonline.com', chinaTenant],
    ['login.microsoftonline.us', chinaTenant],
    [china, customTenant],
  ])('at %s knows no tenant of another', async (host, tenant) => {
    const { status, body } = await ask({
      host,
      path: `/${tenant}/v2.0/.well-known/openid-configuration`,
    });

    expect(status).toBe(400);
    expect(at(body, 'error_codes')).toEqual([90002]);
  });

  test('names itself in its documents', async () => {
    const path = `/${chinaTenant}/v2.0/.well-known/openid-configuration`;
    const { body } = await ask({ host: china, path });

    expect(at(body, 'token_endpoint')).toBe(`https://${china}/${chinaTenant}/oauth2/v2.0/token`);
  });
});

test('a vault cannot be in another cloud than its tenant', async () => {
  const { status, body } = await world.admin('POST /vaults', {
    name: 'torn',
    tenantId: chinaTenant,
    cloud: 'AzureUSGovernment',
  });

  expect([status, at(body, 'error')]).toEqual([
    400,
    `Field cloud: tenant ${chinaTenant} is of AzureChina.`,
  ]);
});
