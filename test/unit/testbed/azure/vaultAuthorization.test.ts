import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { at, startWorld, textAt, type StandInWorld } from '../../../support/standInWorld.ts';

let world: StandInWorld;
let clientId: string;
let token: string;

beforeAll(async () => {
  world = await startWorld();
  await world.admin('POST /vaults', { name: 'policies', authorization: 'accessPolicies' });
});
beforeEach(async () => {
  clientId = await world.addApplication();
  token = await world.tokenOf(clientId);
});
afterAll(() => world.close());

const statusOf = async (line: string, vault: string): Promise<number> =>
  (
    await world.ask(line, {
      token,
      vault,
      body: line.startsWith('PUT') ? { value: 'v' } : undefined,
    })
  ).status;

describe('access policies', () => {
  beforeEach(() => world.admin('PUT /vaults/policies/secrets/db', { value: 'v' }));

  const grant = (secrets: string[]) =>
    world.admin('POST /accessPolicies', { vault: 'policies', clientId, secrets });

  test.each([
    [['get'], 200, 403],
    [['list'], 403, 200],
    [['get', 'list'], 200, 200],
    [[], 403, 403],
  ])('of %j tell get and list apart', async (secrets, get, list) => {
    await grant(secrets);

    expect(await statusOf('GET /secrets/db', 'policies')).toBe(get);
    expect(await statusOf('GET /secrets', 'policies')).toBe(list);
    expect(await statusOf('GET /secrets/db/versions', 'policies')).toBe(list);
  });

  test.each([
    ['set', 'PUT /secrets/db'],
    ['delete', 'DELETE /secrets/db'],
    ['backup', 'POST /secrets/db/backup'],
  ])('of %s allow %s and nothing else', async (permission, line) => {
    expect(await statusOf(line, 'policies')).toBe(403);
    await grant([permission]);

    expect(await statusOf('GET /secrets/db', 'policies')).toBe(403);
    expect(await statusOf(line, 'policies')).toBe(200);
    await world.admin('POST /vaults/policies/secrets/db/recover');
  });

  test('name caller, permission and vault when they refuse', async () => {
    const { body } = await world.ask('GET /secrets/db', { token, vault: 'policies' });

    expect(textAt(body, 'error', 'message')).toMatch(
      new RegExp(
        `^The user, group or application 'appid=${clientId};oid=[-0-9a-f]+;iss=https://sts.windows.net/${world.standIn.tenantId}/' does not have secrets get permission on key vault 'policies;location=westeurope'.`,
      ),
    );
    expect(at(body, 'error', 'innererror', 'code')).toBe('ForbiddenByPolicy');
  });

  test('are withdrawn at once', async () => {
    await grant(['get']);
    expect(await statusOf('GET /secrets/db', 'policies')).toBe(200);

    await world.admin('POST /accessPolicies/remove', { vault: 'policies', clientId });

    expect(await statusOf('GET /secrets/db', 'policies')).toBe(403);
  });

  test('of certificates and keys are their own', async () => {
    await grant(['get', 'list']);
    expect(await statusOf('GET /certificates/web', 'policies')).toBe(403);

    const certificates = ['get'];
    await world.admin('POST /accessPolicies', { vault: 'policies', clientId, certificates });

    expect(await statusOf('GET /certificates/web', 'policies')).toBe(404);
    expect(await statusOf('GET /secrets/db', 'policies')).toBe(403);
  });
});

describe('role assignments', () => {
  beforeAll(async () => {
    await world.admin('POST /vaults/shop/secrets', [
      { name: 'db', value: 'v' },
      { name: 'mail', value: 'v' },
    ]);
  });

  const assign = (role: string, secret?: string) =>
    world.admin('POST /roleAssignments', { vault: 'shop', clientId, role, secret });

  test.each([
    ['Key Vault Secrets User', 200, 200, 403],
    ['Key Vault Reader', 403, 200, 403],
    ['Key Vault Secrets Officer', 200, 200, 200],
    ['Key Vault Certificates Officer', 403, 403, 403],
    ['Key Vault Certificate User', 200, 200, 403],
  ])('as %s', async (role, get, list, set) => {
    await assign(role);

    expect(await statusOf('GET /secrets/db', 'shop')).toBe(get);
    expect(await statusOf('GET /secrets', 'shop')).toBe(list);
    expect(await statusOf('PUT /secrets/db', 'shop')).toBe(set);
  });

  test('on one secret allow that secret, neither another nor the list', async () => {
    await assign('Key Vault Secrets User', 'DB');

    expect(await statusOf('GET /secrets/db', 'shop')).toBe(200);
    expect(await statusOf('GET /secrets/db/versions', 'shop')).toBe(200);
    expect(await statusOf('GET /secrets/mail', 'shop')).toBe(403);
    expect(await statusOf('GET /secrets', 'shop')).toBe(403);
  });

  test('on one secret say nothing of a certificate of that name', async () => {
    await assign('Key Vault Administrator', 'db');

    expect(await statusOf('GET /certificates/db', 'shop')).toBe(403);
  });

  test('are named on what they allow', async () => {
    await assign('Key Vault Secrets User');
    const { headers } = await world.ask('GET /secrets/db', { token });

    expect(headers['x-ms-keyvault-rbac-assignment-id']).toMatch(/^[-0-9a-f]{36}$/);
  });

  test.each([
    ['GET /secrets/DB', 'getSecret/action', '/secrets/db'],
    ['GET /secrets', 'readMetadata/action', ''],
  ])('refuse %s with action and lower-case resource', async (line, action, resource) => {
    const { body } = await world.ask(line, { token });
    const lines = textAt(body, 'error', 'message').split('\r\n');

    expect(lines).toContain(`Action: 'Microsoft.KeyVault/vaults/secrets/${action}'`);
    expect(lines).toContain(
      `Resource: '/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/testbed/providers/microsoft.keyvault/vaults/shop${resource}'`,
    );
    expect(lines).toContain("DecisionReason: 'DeniedWithNoValidRBAC' ");
    expect(lines.at(-1)).toBe('');
  });

  test('do not tell a secret that exists from one that does not', async () => {
    expect(await statusOf('GET /secrets/db', 'shop')).toBe(403);
    expect(await statusOf('GET /secrets/none', 'shop')).toBe(403);
  });

  test('have no effect until their delay is over', async () => {
    await world.admin('PUT /vaults/shop/faults', { propagationDelayMs: 60_000 });
    await assign('Key Vault Secrets User');

    expect(await statusOf('GET /secrets/db', 'shop')).toBe(403);
    world.clock.nowMs += 60_000;
    expect(await statusOf('GET /secrets/db', 'shop')).toBe(200);
    await world.admin('DELETE /vaults/shop/faults');
  });

  test('are removed by role or secret, or all', async () => {
    await assign('Key Vault Secrets User', 'db');
    await assign('Key Vault Secrets User', 'mail');
    const remove = (more: object) =>
      world.admin('POST /roleAssignments/remove', { vault: 'shop', clientId, ...more });

    await remove({ secret: 'db' });
    expect(await statusOf('GET /secrets/db', 'shop')).toBe(403);
    expect(await statusOf('GET /secrets/mail', 'shop')).toBe(200);

    await remove({});
    expect(await statusOf('GET /secrets/mail', 'shop')).toBe(403);
  });
});
