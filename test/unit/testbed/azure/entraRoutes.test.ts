import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  at,
  clientSecret,
  startWorld,
  textAt,
  type StandInWorld,
} from '../../../support/standInWorld.ts';

let world: StandInWorld;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test('answers the metadata of a tenant, its token endpoint among it', async () => {
  const { status, body } = await world.entra('/v2.0/.well-known/openid-configuration');

  expect(status).toBe(200);
  expect(at(body, 'token_endpoint')).toBe(
    `https://login.microsoftonline.com/${world.standIn.tenantId}/oauth2/v2.0/token`,
  );
});

test('answers that a tenant is unknown as early as its metadata are asked', async () => {
  const path = '/v2.0/.well-known/openid-configuration';
  const { status, body } = await world.entra(path, undefined, 'unknown.example');

  expect([status, at(body, 'error')]).toEqual([400, 'invalid_tenant']);
  expect(textAt(body, 'error_description')).toMatch(/^AADSTS90002: Tenant 'unknown.example' not/);
});

test('names the metadata of the tenant that an authorization endpoint belongs to', async () => {
  const endpoint = encodeURIComponent('https://login.microsoftonline.com/t1/oauth2/v2.0/authorize');
  const path = `/discovery/instance?api-version=1.1&authorization_endpoint=${endpoint}`;
  const { body } = await world.entra(path, undefined, 'common');

  expect(at(body, 'tenant_discovery_endpoint')).toBe(
    'https://login.microsoftonline.com/t1/v2.0/.well-known/openid-configuration',
  );
});

test('publishes the key that signs access tokens', async () => {
  const token = await world.tokenOf(world.officer);
  const header: unknown = JSON.parse(
    Buffer.from(token.split('.')[0] ?? '', 'base64url').toString(),
  );
  const { body } = await world.entra('/discovery/v2.0/keys');

  expect(at(body, 'keys', 0, 'kid')).toBe(at(header, 'kid'));
});

test('an error repeats its code in a header and its trace id in another', async () => {
  const form = { grant_type: 'client_credentials', client_id: 'nobody' };
  const { headers, body } = await world.entra('/oauth2/v2.0/token', form);

  expect(headers['x-ms-clitelem']).toBe('1,700016,0,,');
  expect(headers['x-ms-request-id']).toBe(at(body, 'trace_id'));
  expect(at(body, 'timestamp')).toBe('2026-01-02 03:04:05Z');
  expect(textAt(body, 'error_description')).toMatch(
    new RegExp(
      ` Trace ID: ${textAt(body, 'trace_id')} Correlation ID: ${textAt(body, 'correlation_id')} Timestamp: 2026-01-02 03:04:05Z$`,
    ),
  );
});

test('the v1 token endpoint takes a resource and answers numbers as strings', async () => {
  const { status, body } = await world.entra('/oauth2/token', {
    grant_type: 'client_credentials',
    client_id: world.officer,
    client_secret: clientSecret,
    resource: 'https://vault.azure.net',
  });

  expect(status).toBe(200);
  expect(at(body, 'expires_in')).toBe('3599');
  expect((await world.ask('GET /secrets', { token: textAt(body, 'access_token') })).status).toBe(
    200,
  );
});

test('gives tokens the life that it is told to', async () => {
  await world.admin('PUT /entra/faults', { tokenLifeSeconds: 60 });
  const token = await world.tokenOf(world.officer);
  await world.admin('DELETE /entra/faults');

  world.clock.nowMs += 59_000;
  expect((await world.ask('GET /secrets', { token })).status).toBe(200);
  world.clock.nowMs += 1_000;
  expect((await world.ask('GET /secrets', { token })).status).toBe(401);
});

test('knows no other paths', async () => {
  expect((await world.entra('/oauth2/v2.0/devicecode', {})).status).toBe(404);
});
