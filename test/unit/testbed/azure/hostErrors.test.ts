import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import {
  at,
  startWorld,
  textAt,
  type Reply,
  type StandInWorld,
} from '../../../support/standInWorld.ts';

let world: StandInWorld;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const vault = 'resource=https%3A%2F%2Fvault.azure.net';
const identities = (...kinds: string[]): Promise<Reply> =>
  world.admin(
    'POST /applications',
    kinds.map((kind) => ({ kind: `${kind}AssignedIdentity` })),
  );

describe('instance metadata', () => {
  const ask = (query: string, headers = { metadata: 'true' }): Promise<Reply> =>
    world.imds(`/metadata/identity/oauth2/token?api-version=2018-02-01&${query}`, headers);

  test.each([
    ['no identity', [], 'Identity not found'],
    [
      'several identities',
      ['user', 'user'],
      'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request',
    ],
  ])('cannot choose among %s', async (_what, kinds, text) => {
    await identities(...kinds);
    const { status, body } = await ask(vault);

    expect(status).toBe(400);
    expect(body).toEqual({ error: 'invalid_request', error_description: text });
  });

  test("prefers the system's identity to several others", async () => {
    await identities('user', 'user', 'system');

    expect((await ask(vault)).status).toBe(200);
  });

  test('hands on that Entra ID does not know a resource, with the name of the tenant', async () => {
    const { tenantId } = world.standIn;
    await world.admin('POST /tenants', { tenantId, displayName: 'Contoso' });
    await identities('system');
    const { status, body } = await ask('resource=https%3A%2F%2Fnowhere.example');

    expect([status, at(body, 'error'), at(body, 'error_codes')]).toEqual([
      400,
      'invalid_resource',
      [500011],
    ]);
    expect(textAt(body, 'error_description')).toContain(
      'https://nowhere.example was not found in the tenant named Contoso. ',
    );
  });

  test('hands on the refusals of Entra ID in the words of their day', async () => {
    await identities('system');
    await world.admin('PUT /entra/faults', { wordingOf: '2022-11-10' });
    const { body } = await ask('resource=https%3A%2F%2Fnowhere.example');

    expect(textAt(body, 'error_description')).toContain('wrong tenant.\r\nTrace ID: ');
  });

  test('fails in the words of the documentation', async () => {
    await world.admin('PUT /imds/faults', { status: 500 });
    const { status, body } = await ask(vault);

    expect([status, at(body, 'error')]).toEqual([500, 'unknown']);
    expect(textAt(body, 'error_description')).toMatch(/^Failed to retrieve token from the Active/);
  });

  test.each([
    ['a request without the header', vault, {}, 400, 'bad_request_102'],
    ['a request without a resource', '', { metadata: 'true' }, 401, 'unknown_source'],
    ['an unknown resource', 'resource=x', { metadata: 'true' }, 400, 'invalid_resource'],
  ])('refuses %s as documented when told so', async (...[, query, headers, status, error]) => {
    await identities('system');
    await world.admin('PUT /imds/faults', { documentedErrors: true });
    const reply = await world.imds(
      `/metadata/identity/oauth2/token?api-version=2018-02-01&${query}`,
      headers,
    );

    expect([reply.status, at(reply.body, 'error')]).toEqual([status, error]);
  });
});

describe('App Service', () => {
  const ask = (query: string): Promise<Reply> =>
    world.imds(`/msi/token?api-version=2019-08-01&${query}`, { 'x-identity-header': 'h' });
  const notNamed =
    'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.';
  const notChosen = 'Unable to load the proper Managed Identity.';
  const failed = 'An unexpected error occured while fetching the AAD Token.';

  test.each([
    ['an identity that it does not have', `${vault}&client_id=x`, ['user'], 400, notNamed],
    ['the same by resource id', `${vault}&mi_res_id=x`, ['user'], 400, notNamed],
    ['its one identity when it has none', vault, [], 400, notChosen],
    ['its one identity when it has several', vault, ['user', 'user'], 400, notChosen],
    ['an unknown resource', 'resource=x', ['system'], 500, failed],
    ['no resource', '', ['system'], 500, failed],
  ])('refuses %s', async (...[, query, kinds, statusCode, message]) => {
    await identities(...kinds);
    const { status, body } = await ask(query);

    expect(status).toBe(statusCode);
    expect(JSON.stringify(body)).toBe(
      JSON.stringify({ statusCode, message, correlationId: textAt(body, 'correlationId') }),
    );
  });

  test.each([
    ['noUserAssigned', notNamed],
    ['notLoaded', notChosen],
    ['noMsi', 'No MSI found for specified ClientId/ResourceId.'],
  ])('refuses an identity with any text that is quoted: %s', async (appServiceText, message) => {
    await world.admin('PUT /imds/faults', { appServiceText });

    expect((await ask(vault)).body).toMatchObject({ statusCode: 400, message });
  });

  test('fails with a body of its own', async () => {
    await identities('system');
    await world.admin('PUT /imds/faults', { status: 500 });

    expect((await ask(vault)).body).toMatchObject({ statusCode: 500, message: failed });
  });
});
