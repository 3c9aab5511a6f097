import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  at,
  startWorld,
  textAt,
  type Reply,
  type StandInWorld,
} from '../../../support/standInWorld.ts';

const user = { clientId: 'a0000000-0000-4000-8000-000000000001', displayName: 'user-1' };
const system = { clientId: 'a0000000-0000-4000-8000-000000000002', displayName: 'machine' };

let world: StandInWorld;

beforeAll(async () => {
  world = await startWorld();
  await world.admin('POST /applications', [
    { ...user, kind: 'userAssignedIdentity', objectId: 'object-1', resourceId: '/ids/user-1' },
    { ...system, kind: 'systemAssignedIdentity' },
  ]);
});
afterAll(() => world.close());

const resource = 'resource=https%3A%2F%2Fvault.azure.net';

describe('instance metadata', () => {
  const ask = (query: string, headers = { metadata: 'true' }): Promise<Reply> =>
    world.imds(`/metadata/identity/oauth2/token?api-version=2018-02-01${query}`, headers);

  test('answers numbers as strings, keys in order, the resource as it was sent', async () => {
    const { status, body } = await ask('&resource=https%3A%2F%2Fvault.azure.net%2F');
    const seconds = Math.floor(world.clock.nowMs / 1000);

    expect(status).toBe(200);
    expect(JSON.stringify(body)).toBe(
      JSON.stringify({
        access_token: textAt(body, 'access_token'),
        client_id: system.clientId,
        expires_in: '86399',
        expires_on: String(seconds + 86_399),
        ext_expires_in: '86399',
        not_before: String(seconds - 300),
        resource: 'https://vault.azure.net/',
        token_type: 'Bearer',
      }),
    );
  });

  test.each([
    ['client_id', user.clientId.toUpperCase()],
    ['object_id', 'object-1'],
    ['mi_res_id', '%2Fids%2Fuser-1'],
    ['msi_res_id', '%2Fids%2Fuser-1'],
  ])('finds an identity by %s', async (name, value) => {
    const { body } = await ask(`&${resource}&${name}=${value}`);

    expect(at(body, 'client_id')).toBe(user.clientId);
  });

  test('gives a token that Key Vault takes', async () => {
    const role = 'Key Vault Secrets User';
    await world.admin('POST /roleAssignments', { vault: 'shop', clientId: user.clientId, role });
    const { body } = await ask(`&${resource}&client_id=${user.clientId}`);

    const token = textAt(body, 'access_token');

    expect((await world.ask('GET /secrets', { token })).status).toBe(200);
  });

  test.each([
    ['without the header', `&${resource}`, {}, 'Required metadata header not specified'],
    [
      'without a resource',
      '',
      { metadata: 'true' },
      "Required query variable 'resource' is missing",
    ],
    [
      'for an unknown identity',
      `&${resource}&client_id=x`,
      { metadata: 'true' },
      'Identity not found',
    ],
  ])('refuses %s', async (_what, query, headers, text) => {
    const { status, body } = await world.imds(
      `/metadata/identity/oauth2/token?api-version=2018-02-01${query}`,
      headers,
    );

    expect(status).toBe(400);
    expect(body).toEqual({ error: 'invalid_request', error_description: text });
  });

  test('gives nothing in the name of an application, nor of a disabled identity', async () => {
    await world.admin(`PATCH /applications/${user.clientId}`, { disabled: true });

    expect((await ask(`&${resource}&client_id=${world.officer}`)).status).toBe(400);
    expect((await ask(`&${resource}&client_id=${user.clientId}`)).status).toBe(400);
    await world.admin(`PATCH /applications/${user.clientId}`, { disabled: false });
  });
});

describe('other hosts', () => {
  test('App Service answers in its own order, an error with a correlation id', async () => {
    const path = `/msi/token?api-version=2019-08-01&${resource}`;
    const given = await world.imds(`${path}&client_id=${user.clientId}`, {
      'x-identity-header': 'h',
    });
    const refused = await world.imds(path);

    expect(Object.keys(Object(given.body))).toEqual([
      'access_token',
      'expires_on',
      'resource',
      'token_type',
      'client_id',
    ]);
    expect(at(given.body, 'expires_on')).toEqual(expect.any(String));
    expect(refused.body).toEqual({
      statusCode: 500,
      message: 'An unexpected error occured while fetching the AAD Token.',
      correlationId: expect.any(String),
    });
  });

  test('Azure Machine Learning answers numbers as numbers', async () => {
    const path = `/?api-version=2017-09-01&clientid=${user.clientId}&${resource}`;
    const { body } = await world.imds(path, { secret: 's' });

    expect(body).toMatchObject({ expires_in: 86_399, expires_on: expect.any(Number) });
    expect((await world.imds(path)).status).toBe(400);
  });

  test('Arc asks for the content of a file that only administrators read', async () => {
    const path = `/metadata/identity/oauth2/token?api-version=2020-06-01&${resource}`;
    const challenge = await world.imds(path, { metadata: 'true' });
    const realm = String(challenge.headers['www-authenticate']).replace('Basic realm=', '');
    const ask = (secret: string) =>
      world.imds(path, { metadata: 'true', authorization: `Basic ${secret}` });

    expect([challenge.status, challenge.body]).toEqual([401, null]);
    expect(realm).toMatch(/\.key$/);
    expect((await ask('wrong')).status).toBe(401);
    expect((await ask(await readFile(realm, 'utf8'))).status).toBe(200);
  });

  test('know no other paths', async () => {
    expect((await world.imds('/metadata/instance?api-version=2021-02-01')).status).toBe(404);
  });
});
