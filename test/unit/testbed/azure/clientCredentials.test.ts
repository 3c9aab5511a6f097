import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import {
  at,
  clientSecret,
  startWorld,
  textAt,
  type Reply,
  type StandInWorld,
} from '../../../support/standInWorld.ts';
import { audience, startIssuer, type TokenIssuer } from '../../../support/tokenIssuer.ts';

const subject = 'system:serviceaccount:shop:shop';
const scope = 'https://vault.azure.net/.default';

let world: StandInWorld;
let issuer: TokenIssuer;
let clientId: string;

beforeAll(async () => {
  world = await startWorld();
  issuer = await startIssuer(() => world.clock.nowMs);
  await world.admin('POST /issuers', issuer.access);
  clientId = await world.addApplication();
  await world.admin('POST /federatedCredentials', {
    clientId,
    issuer: issuer.access.issuer,
    subject,
  });
});
afterEach(() => world.admin('DELETE /entra/faults'));
afterAll(async () => {
  await world.close();
  await issuer.close();
});

function exchange(assertion: string, more: Readonly<Record<string, string>> = {}): Promise<Reply> {
  return world.entra('/oauth2/v2.0/token', {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    scope,
    ...more,
  });
}

const failure = ({ status, body }: Reply): unknown[] => [
  status,
  at(body, 'error'),
  at(body, 'error_codes', 0),
];

test('exchanges a ServiceAccount token for an access token, with exactly four fields', async () => {
  const { status, body } = await exchange(await issuer.sign(subject));

  expect(status).toBe(200);
  expect(body).toEqual({
    token_type: 'Bearer',
    expires_in: 3_599,
    ext_expires_in: 3_599,
    access_token: expect.any(String),
  });
});

test.each([
  ['another issuer', { iss: 'https://oidc.test.example/other' }, 700211],
  ['an issuer with one more slash', { iss: 'https://oidc.test.example/cluster/' }, 700211],
  ['another subject', { sub: 'system:serviceaccount:shop:till' }, 700213],
  ['a subject in other letters', { sub: 'system:serviceaccount:Shop:shop' }, 7002138],
  ['another audience', { aud: 'api://else' }, 700212],
  ['a second audience', { aud: [audience, 'api://else'] }, 700212],
])('refuses a token with %s', async (_what, claims, code) => {
  const reply = await exchange(await issuer.sign(subject, claims));

  expect(failure(reply)).toEqual([401, 'invalid_client', code]);
});

test('refuses every mismatch with the one code of 2023 when told so', async () => {
  await world.admin('PUT /entra/faults', { wordingOf: '2023-01-19' });

  const reply = await exchange(await issuer.sign('system:serviceaccount:shop:till'));

  expect(failure(reply)).toEqual([400, 'invalid_request', 70021]);
});

test('refuses a token that is over or has not begun', async () => {
  const seconds = Math.floor(world.clock.nowMs / 1000);
  const over = await exchange(await issuer.sign(subject, { exp: seconds - 1 }));
  const early = await exchange(await issuer.sign(subject, { nbf: seconds + 600 }));

  expect(failure(over)).toEqual([401, 'invalid_client', 700024]);
  expect(failure(early)).toEqual([401, 'invalid_client', 700024]);
  expect(textAt(over.body, 'error_description')).toContain('2026-01-02T03:04:04.0000000Z');
});

test('refuses a signature of a key that the issuer does not publish', async () => {
  expect(failure(await exchange(await issuer.forge(subject)))).toEqual([
    401,
    'invalid_client',
    700027,
  ]);
});

test('fetches the keys of an issuer again when a token names one that is unknown', async () => {
  await exchange(await issuer.sign(subject));
  const before = issuer.fetches;
  await exchange(await issuer.sign(subject));
  expect(issuer.fetches).toBe(before);

  await issuer.rotate();

  expect((await exchange(await issuer.sign(subject))).status).toBe(200);
  expect(issuer.fetches).toBe(before + 1);
});

test('says that an issuer cannot be reached', async () => {
  const deaf = { issuer: 'https://deaf.test.example', address: '127.0.0.1:1' };
  await world.admin('POST /issuers', deaf);
  await world.admin('POST /federatedCredentials', { clientId, issuer: deaf.issuer, subject });

  const reply = await exchange(await issuer.sign(subject, { iss: deaf.issuer }));

  expect(failure(reply)).toEqual([401, 'invalid_client', 50166]);
});

test('does not know a federated credential until its delay is over', async () => {
  world.clock.nowMs += 60_000;
  await world.admin('PUT /entra/faults', { propagationDelayMs: 60_000 });
  const late = 'system:serviceaccount:shop:late';
  const credential = { clientId, issuer: issuer.access.issuer, subject: late };
  await world.admin('POST /federatedCredentials', credential);

  expect(failure(await exchange(await issuer.sign(late)))[2]).toBe(700213);
  world.clock.nowMs += 60_000;
  expect((await exchange(await issuer.sign(late))).status).toBe(200);
});

test('forgets a federated credential that was removed', async () => {
  const gone = 'system:serviceaccount:shop:gone';
  const credential = { clientId, issuer: issuer.access.issuer, subject: gone };
  await world.admin('POST /federatedCredentials', credential);
  expect((await exchange(await issuer.sign(gone))).status).toBe(200);

  await world.admin('POST /federatedCredentials/remove', { clientId, subject: gone });

  expect(failure(await exchange(await issuer.sign(gone)))[2]).toBe(700213);
  expect((await exchange(await issuer.sign(subject))).status).toBe(200);
});

test.each([
  ['a text that is no token', 'no.token'],
  ['nothing', ''],
])('refuses %s as assertion', async (_what, assertion) => {
  expect(failure(await exchange(assertion))).toEqual([400, 'invalid_request', 50027]);
});

test('refuses an assertion that an application signed itself: no certificate is registered', async () => {
  const own = await issuer.sign(clientId, { iss: clientId });
  const other = await issuer.sign('another client', { iss: 'another client' });

  expect(failure(await exchange(own))).toEqual([401, 'invalid_client', 700027]);
  expect(failure(await exchange(other))).toEqual([401, 'invalid_client', 700021]);
});

test.each([
  ['an unknown application', { client_id: 'b0000000-0000-4000-8000-000000000000' }, 400, 700016],
  ['another grant', { grant_type: 'password' }, 400, 70003],
  ['a scope without /.default', { scope: 'https://vault.azure.net' }, 400, 1002012],
  ['an unknown resource', { scope: 'https://nowhere.example/.default' }, 400, 500011],
])('refuses %s', async (_what, more, status, code) => {
  const { 0: actual, 2: actualCode } = failure(await exchange(await issuer.sign(subject), more));

  expect([actual, actualCode]).toEqual([status, code]);
});

test('passes over the OpenID scopes that MSAL for Go sends besides', async () => {
  const more = { scope: `${scope} openid offline_access profile` };

  expect((await exchange(await issuer.sign(subject), more)).status).toBe(200);
});

test('refuses a tenant that it does not know', async () => {
  const form = { grant_type: 'client_credentials', client_id: clientId, scope };
  const reply = await world.entra('/oauth2/v2.0/token', form, 'unknown.example');

  expect(failure(reply)).toEqual([400, 'invalid_request', 90002]);
});

test('refuses the name of a tenant that can be none', async () => {
  const form = { grant_type: 'client_credentials', client_id: clientId, scope };
  const reply = await world.entra('/oauth2/v2.0/token', form, 'not_a_tenant');

  expect(failure(reply)).toEqual([400, 'invalid_request', 900023]);
});

test('prints the name of the tenant that lacks a resource', async () => {
  await world.admin('POST /tenants', {
    tenantId: world.standIn.tenantId,
    displayName: 'Contoso Ltd.',
  });
  const more = { scope: 'https://nowhere.example/.default' };
  const { body } = await exchange(await issuer.sign(subject), more);

  expect(textAt(body, 'error_description')).toContain('in the tenant named Contoso Ltd.. This');
});

test('does not know an application in another tenant', async () => {
  const tenantId = '11111111-0000-4000-8000-000000000000';
  await world.admin('POST /tenants', { tenantId });
  const form = { grant_type: 'client_credentials', client_id: clientId, scope };

  const reply = await world.entra('/oauth2/v2.0/token', form, tenantId);

  expect(failure(reply)).toEqual([400, 'unauthorized_client', 700016]);
});

test.each([
  ['the right one', clientSecret, 200, undefined],
  ['a wrong one', 'wrong', 401, 7000215],
])('judges client secrets: %s', async (_what, client_secret, status, code) => {
  const form = { grant_type: 'client_credentials', client_id: clientId, scope, client_secret };
  const reply = await world.entra('/oauth2/v2.0/token', form);

  expect([reply.status, at(reply.body, 'error_codes', 0)]).toEqual([status, code]);
});

test('refuses a client secret that is over, and a request without any proof', async () => {
  const expired = { value: 'old', expiresAtMs: world.clock.nowMs };
  const id = await world.addApplication({ clientSecrets: [expired] });
  const form = { grant_type: 'client_credentials', client_id: id, scope };

  const over = await world.entra('/oauth2/v2.0/token', { ...form, client_secret: 'old' });
  const without = await world.entra('/oauth2/v2.0/token', form);

  expect(failure(over)).toEqual([401, 'invalid_client', 7000222]);
  expect(failure(without)).toEqual([401, 'invalid_client', 7000218]);
});

test('refuses a disabled application, and serves it again once enabled', async () => {
  await world.admin(`PATCH /applications/${clientId}`, { disabled: true });
  const refused = await exchange(await issuer.sign(subject));
  await world.admin(`PATCH /applications/${clientId}`, { disabled: false });

  expect(failure(refused)).toEqual([400, 'unauthorized_client', 7000112]);
  expect((await exchange(await issuer.sign(subject))).status).toBe(200);
});

test('refuses everybody under conditional access', async () => {
  await world.admin('PUT /entra/faults', { conditionalAccess: true });

  expect(failure(await exchange(await issuer.sign(subject)))[2]).toBe(53003);
});
