import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { adminCalls } from '../../../testbed/azure/admin.ts';
import { adminCallsTable } from '../../../testbed/azure/adminCallsTable.ts';
import { at, startWorld, textAt, type StandInWorld } from '../../../support/standInWorld.ts';

let world: StandInWorld;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test.each([
  ['POST /vaults', { name: 'x' }, 400, 'Field name: '],
  ['POST /vaults', { name: 'good', colour: 'red' }, 400, 'Unrecognized key: "colour"'],
  ['POST /vaults', [{ name: 'good' }, { name: 3 }], 400, 'Field 1.name: '],
  ['POST /vaults', { name: 'good', authorization: 'acl' }, 400, 'Field authorization: '],
  ['POST /vaults', { name: 'good', recoverableDays: 91 }, 400, 'Field recoverableDays: '],
  ['POST /vaults', { name: 'good', latestApiVersion: '9' }, 400, 'Field latestApiVersion: must be'],
  ['POST /vaults', undefined, 400, 'The body: '],
  ['DELETE /vaults/none', undefined, 404, 'Field vault: there is no vault none.'],
  ['PATCH /applications/none', { disabled: true }, 404, 'there is no application none.'],
  [
    'POST /roleAssignments',
    { vault: 'shop', clientId: 'c', role: 'Owner' },
    400,
    'Field role: must be one of Key Vault Administrator, ',
  ],
  [
    'POST /roleAssignments',
    { vault: 'none', clientId: 'c', role: 'Key Vault Reader' },
    404,
    'none',
  ],
  ['POST /accessPolicies', { vault: 'shop', clientId: 'c', secrets: ['read'] }, 400, 'secrets.0: '],
  ['POST /federatedCredentials', { clientId: 'c', issuer: 'i' }, 400, 'Field subject: '],
  ['POST /vaults/shop/secrets', { name: 'no_name', value: 'v' }, 400, 'Field name: '],
  ['PUT /vaults/shop/secrets/a', { value: 'v', expires: 1.5 }, 400, 'Field expires: '],
  ['PATCH /vaults/shop/secrets/none', {}, 404, 'vault shop has no secret none.'],
  ['PUT /vaults/shop/faults', { kinds: ['read'] }, 400, 'Field kinds.0: '],
  ['PUT /vaults/shop/faults', { throttle: { count: 0 } }, 400, 'Field throttle.count: '],
  ['PUT /entra/faults', { firewall: true }, 400, 'Unrecognized key: "firewall"'],
  ['GET /nothing', undefined, 404, 'There is no call GET /nothing; GET / lists all.'],
  ['DELETE /vaults', undefined, 404, 'There is no call DELETE /vaults'],
])('refuses %s %j with %i and names what is wrong', async (line, body, status, text) => {
  const reply = await world.admin(line, body);

  expect(reply.status).toBe(status);
  expect(textAt(reply.body, 'error')).toContain(text);
});

test('refuses a body that is no JSON', async () => {
  const reply = await fetch(`${world.standIn.adminUrl}/vaults`, { method: 'POST', body: '{' });

  expect([reply.status, await reply.json()]).toEqual([400, { error: 'The body is not JSON.' }]);
});

test('takes one object where it takes a list', async () => {
  await world.admin('POST /vaults', [{ name: 'one' }, { name: 'two' }]);
  await world.admin('POST /vaults', { name: 'three' });

  const { body } = await world.admin('GET /vaults');
  const names = Array.isArray(body) ? body.map((vault) => textAt(vault, 'name')) : [];
  expect(names).toEqual(expect.arrayContaining(['one', 'two', 'three']));
});

test('shows an application without its secrets', async () => {
  const { body } = await world.admin('GET /applications');

  expect(at(body, 0, 'clientId')).toBe(world.officer);
  expect(JSON.stringify(body)).not.toContain('client secret');
});

test('a deleted vault or application is gone', async () => {
  await world.admin('POST /vaults', { name: 'brief' });
  const clientId = await world.addApplication();
  await world.admin('DELETE /vaults/brief');
  await world.admin(`DELETE /applications/${clientId}`);

  await expect(world.ask('GET /secrets', { vault: 'brief' })).rejects.toThrow(
    /other side closed|socket/i,
  );
  const form = { grant_type: 'client_credentials', client_id: clientId };
  const { body } = await world.entra('/oauth2/v2.0/token', form);
  expect(at(body, 'error_codes')).toEqual([700016]);
});

describe('secrets', () => {
  const path = '/vaults/shop/secrets/db';
  const read = async (): Promise<unknown> => at((await world.ask('GET /secrets/db')).body, 'value');

  test('are put, changed, deleted, recovered and purged without any grant', async () => {
    const put = await world.admin(`PUT ${path}`, { value: 'one', created: 1_700_000_000 });
    expect(textAt(put.body, 'id')).toContain(textAt(put.body, 'version'));
    expect(await read()).toBe('one');

    await world.admin(`PATCH ${path}`, { enabled: false });
    expect((await world.ask('GET /secrets/db')).status).toBe(403);
    await world.admin(`PATCH ${path}`, { enabled: true, version: textAt(put.body, 'version') });
    await world.admin(`DELETE ${path}`);
    expect((await world.ask('GET /secrets/db')).status).toBe(404);
    await world.admin(`POST ${path}/recover`);
    expect(await read()).toBe('one');
    await world.admin(`DELETE ${path}`);
    await world.admin(`POST ${path}/purge`);
    expect((await world.ask('GET /deletedsecrets/db')).status).toBe(404);
  });

  test('list their versions, oldest first, without values', async () => {
    await world.admin(`PUT ${path}`, { value: 'a value', created: 1_700_000_000 });
    await world.admin(`PUT ${path}`, { value: 'a value' });

    const { body } = await world.admin(`GET ${path}/versions`);

    expect(body).toMatchObject([{ created: 1_700_000_000 }, { enabled: true }]);
    expect(JSON.stringify(body)).not.toContain('a value');
  });

  test('in a state that forbids it are neither put, deleted, recovered nor purged', async () => {
    await world.admin(`PUT ${path}`, { value: 'v' });
    expect((await world.admin(`POST ${path}/recover`)).status).toBe(409);
    expect((await world.admin(`POST ${path}/purge`)).status).toBe(409);
    await world.admin(`DELETE ${path}`);

    const put = await world.admin(`PUT ${path}`, { value: 'v' });

    expect(put.status).toBe(409);
    expect(textAt(put.body, 'error')).toContain('deleted but recoverable');
    expect((await world.admin(`DELETE ${path}`)).status).toBe(409);
  });
});

test('lists every call with its body, and so does the table', async () => {
  const { body } = await world.admin('GET /');
  const table = adminCallsTable();

  expect(body).toHaveLength(adminCalls.length);
  for (const { method, path, description } of adminCalls) {
    expect(table).toContain(`| ${method} | \`${path}\` |`);
    expect(table).toContain(description);
  }
  expect(table.split('\n')).toHaveLength(adminCalls.length + 2);
});
