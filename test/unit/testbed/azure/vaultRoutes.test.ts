import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { at, startWorld, textAt, type StandInWorld } from '../../../support/standInWorld.ts';

let world: StandInWorld;

beforeAll(async () => {
  world = await startWorld();
});
beforeEach(() => world.admin('DELETE /vaults/shop/faults'));
afterAll(() => world.close());

test('challenges a request without a token, naming tenant and resource', async () => {
  const { status, headers, body } = await world.ask('GET /secrets/db', { token: null });

  expect(status).toBe(401);
  expect(headers['www-authenticate']).toBe(
    `Bearer authorization="https://login.microsoftonline.com/${world.standIn.tenantId}", resource="https://vault.azure.net"`,
  );
  expect(at(body, 'error', 'message')).toBe(
    'AKV10000: Request is missing a Bearer, PoP, or MTLS_POP token.',
  );
});

test.each([
  ['1.9.3070.2', /^AKV10000: .*MTLS_POP/, 'login.microsoftonline.com'],
  ['1.9.908.1', /^AKV10000: .*Bearer or PoP/, 'login.microsoftonline.com'],
  ['1.9.749.1', /^AKV10000: .*Bearer or PoP/, 'login.windows.net'],
  ['1.1.10.0', /^Request is missing a Bearer or PoP/, 'login.windows.net'],
])('service version %s challenges in the words of its time', async (serviceVersion, text, host) => {
  await world.admin('POST /vaults', { name: 'old', serviceVersion });
  const { headers, body } = await world.ask('GET /secrets', { token: null, vault: 'old' });

  expect(textAt(body, 'error', 'message')).toMatch(text);
  expect(headers['www-authenticate']).toContain(`"https://${host}/`);
  expect(headers['x-ms-keyvault-service-version']).toBe(serviceVersion);
});

test('challenges before it looks at path, method or api-version', async () => {
  for (const line of ['PUT /secrets/', 'GET /secrets/no_name', 'GET /secrets?api-version=0']) {
    expect((await world.ask(line, { token: null })).status).toBe(401);
  }
});

test.each([
  ['is no token', async () => 'x', '[TokenExpired]'],
  [
    'is meant for another service',
    () => world.tokenOf(world.officer, { scope: 'https://management.azure.com/.default' }),
    'AKV10022: Invalid audience. Expected https://vault.azure.net or cfa8b339-82a2-471a-a3c9-0fc0be7a4093, found: https://management.azure.com.',
  ],
  [
    'has one slash too many in its audience',
    () => world.tokenOf(world.officer, { scope: 'https://vault.azure.net//.default' }),
    'AKV10022: Invalid audience.',
  ],
])('refuses a token that %s', async (_what, tokenFor, text) => {
  const { status, headers, body } = await world.ask('GET /secrets', { token: await tokenFor() });

  expect(status).toBe(401);
  expect(textAt(body, 'error', 'message')).toContain(text);
  expect(headers['www-authenticate']).toContain(world.standIn.tenantId);
});

test('refuses a token with a changed claim: the signature is verified', async () => {
  const [header, payload = '', signature] = (await world.tokenOf(world.officer)).split('.');
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const forged = JSON.stringify(Object.assign({}, claims, { appid: 'somebody else' }));
  const token = [header, Buffer.from(forged).toString('base64url'), signature].join('.');

  const { status, body } = await world.ask('GET /secrets', { token });

  expect(status).toBe(401);
  expect(textAt(body, 'error', 'message')).toContain('AKV10046');
});

test('refuses a token that is over', async () => {
  const token = await world.tokenOf(world.officer);
  world.clock.nowMs += 3_599_000;

  const { status, body } = await world.ask('GET /secrets', { token });

  expect(status).toBe(401);
  expect(textAt(body, 'error', 'message')).toContain('[TokenExpired]');
});

test('refuses a token of another tenant than the vault', async () => {
  const tenantId = '22222222-0000-4000-8000-000000000000';
  await world.admin('POST /vaults', { name: 'abroad', tenantId });

  const { status, headers, body } = await world.ask('GET /secrets', { vault: 'abroad' });

  expect(status).toBe(401);
  expect(headers['www-authenticate']).toContain(tenantId);
  expect(textAt(body, 'error', 'message')).toMatch(
    new RegExp(
      `^AKV10032: Invalid issuer. Expected one of https://sts.windows.net/${tenantId}/, .*, found https://sts.windows.net/${world.standIn.tenantId}/.$`,
    ),
  );
});

test('refuses good tokens as signed by an unknown key when told so', async () => {
  await world.admin('PUT /vaults/shop/faults', { rejectTokens: true });

  expect(textAt((await world.ask('GET /secrets')).body, 'error', 'message')).toContain('AKV10046');
});

test.each([
  ['clientAddress', 'ForbiddenByFirewall', 'Client address is not authorized and caller is not a'],
  ['nsp', 'ForbiddenByFirewall', 'Request was not allowed by NSP rules'],
  ['publicAccessDisabled', 'ForbiddenByConnection', 'Public network access is disabled'],
  ['privateLink', 'ForbiddenByConnection', 'Connection is not an approved private link'],
])('network rule %s refuses whom it knows, not whom it does not', async (network, code, text) => {
  await world.admin('PUT /vaults/shop/faults', { network });

  const known = await world.ask('GET /secrets/db');
  const unknown = await world.ask('GET /secrets/db', { token: null });

  expect([known.status, at(known.body, 'error', 'innererror', 'code')]).toEqual([403, code]);
  expect(textAt(known.body, 'error', 'message')).toContain(text);
  expect(textAt(known.body, 'error', 'message')).toMatch(/Vault: shop;location=westeurope$/);
  expect(unknown.status).toBe(401);
});

describe('a vault that lags behind the public cloud, as on Azure Stack Hub', () => {
  const ask = (apiVersion: string, token?: null) =>
    world.ask('GET /secrets', { vault: 'stack', apiVersion, ...(token === null ? { token } : {}) });

  beforeAll(() => world.addVault({ name: 'stack', latestApiVersion: '7.1' }));

  test.each(['7.2', '7.3', '7.6', '2025-07-01', '2026-04-01'])(
    'refuses %s and names its latest',
    async (apiVersion) => {
      const { status, body } = await ask(apiVersion);

      expect(status).toBe(400);
      expect(body).toEqual({
        error: {
          code: 'BadParameter',
          message: `The specified version (${apiVersion}) is not recognized. Consider using the latest supported version (7.1).`,
        },
      });
    },
  );

  test.each(['2016-10-01', '7.0', '7.1'])('serves %s', async (apiVersion) => {
    expect((await ask(apiVersion)).status).toBe(200);
  });

  test('asks for a token before it looks at the version', async () => {
    expect((await ask('7.6', null)).status).toBe(401);
  });
});

test('dresses every answer with the headers of the service', async () => {
  const { headers } = await world.ask('GET /secrets/none', {
    headers: { 'x-ms-client-request-id': 'mine' },
  });

  expect(headers).toMatchObject({
    'cache-control': 'no-cache',
    'content-type': 'application/json; charset=utf-8',
    'x-ms-client-request-id': 'mine',
    'x-ms-keyvault-region': 'westeurope',
    'x-ms-request-id': expect.any(String),
    'strict-transport-security': 'max-age=31536000;includeSubDomains',
  });
  expect(headers).not.toHaveProperty('etag');
});

test('serves nothing under the name of a vault that is none', async () => {
  await expect(world.ask('GET /secrets', { vault: 'nowhere', token: null })).rejects.toThrow(
    /other side closed|socket/i,
  );
});
