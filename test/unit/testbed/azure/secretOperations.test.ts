import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  at,
  startMs,
  startWorld,
  textAt,
  versionIn,
  type StandInWorld,
} from '../../../support/standInWorld.ts';

const nowSeconds = startMs / 1000;

let world: StandInWorld;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const put = (name: string, body: object) => world.ask(`PUT /secrets/${name}`, { body });

test('answers a put with the whole bundle, keys in the order of the service', async () => {
  const { status, body } = await put('order', {
    tags: { team: 'a' },
    attributes: { exp: nowSeconds + 60, nbf: nowSeconds, enabled: true },
    contentType: 'text/plain',
    value: 'v',
  });

  expect(status).toBe(200);
  expect(JSON.stringify(body)).toBe(
    JSON.stringify({
      value: 'v',
      contentType: 'text/plain',
      id: textAt(body, 'id'),
      attributes: {
        enabled: true,
        nbf: nowSeconds,
        exp: nowSeconds + 60,
        created: nowSeconds,
        updated: nowSeconds,
        recoveryLevel: 'Recoverable+Purgeable',
        recoverableDays: 90,
      },
      tags: { team: 'a' },
    }),
  );
  expect(textAt(body, 'id')).toMatch(
    /^https:\/\/shop.vault.azure.net\/secrets\/order\/[0-9a-f]{32}$/,
  );
});

test('leaves out what is not set', async () => {
  const { body } = await put('plain', { value: '' });

  expect(Object.keys(Object(body))).toEqual(['value', 'id', 'attributes']);
  expect(at(body, 'value')).toBe('');
});

test.each<[object, string, string, number | undefined]>([
  [{ recoverableDays: 90 }, '7.6', 'Recoverable+Purgeable', 90],
  [{ recoverableDays: 90, purgeProtection: true }, '7.6', 'Recoverable', 90],
  [{ recoverableDays: 7 }, '7.6', 'CustomizedRecoverable+Purgeable', 7],
  [{ recoverableDays: 0 }, '7.6', 'Purgeable', undefined],
  [{ recoverableDays: 7 }, '7.0', 'CustomizedRecoverable+Purgeable', undefined],
  [{ recoverableDays: 7 }, '7.1-preview', 'CustomizedRecoverable+Purgeable', undefined],
])('of a vault with %j api-version %s shows the level %s', async (...row) => {
  const [settings, apiVersion, recoveryLevel, days] = row;
  await world.addVault({ name: 'levels', ...settings });
  const options = { vault: 'levels', apiVersion, body: { value: 'v' } };

  const { body } = await world.ask('PUT /secrets/a', options);

  expect(at(body, 'attributes')).toMatchObject({ recoveryLevel });
  expect(at(body, 'attributes', 'recoverableDays')).toBe(days);
});

test('an unversioned read answers the last created version, a versioned one its own', async () => {
  const first = versionIn((await put('versions', { value: 'one' })).body);
  world.clock.nowMs += 1_500;
  await put('versions', { value: 'two', attributes: { nbf: 4_000_000_000 } });

  const newest = await world.ask('GET /secrets/versions');
  expect(at(newest.body, 'value')).toBe('two');
  expect(at(newest.body, 'attributes', 'created')).toBe(Math.floor(world.clock.nowMs / 1000));
  expect(at((await world.ask(`GET /secrets/versions/${first}`)).body, 'value')).toBe('one');
});

test('names compare without case and keep the spelling of the first put', async () => {
  await put('Spelling', { value: 'v' });
  await put('SPELLING', { value: 'w' });

  const { body } = await world.ask('GET /secrets/spelling/');

  expect(at(body, 'value')).toBe('w');
  expect(textAt(body, 'id')).toContain('/secrets/Spelling/');
});

test.each([
  ['GET /secrets/none', 'none'],
  ['GET /secrets/none/0123', 'none/0123'],
  ['PATCH /secrets/none', 'none'],
  ['DELETE /secrets/none', 'none'],
  ['POST /secrets/none/backup', 'none'],
  ['POST /deletedsecrets/none/recover', 'none'],
])('%s finds nothing', async (line, shown) => {
  const { status, body } = await world.ask(line, {
    body: line.startsWith('PATCH') ? {} : undefined,
  });

  expect([status, at(body, 'error', 'code')]).toEqual([404, 'SecretNotFound']);
  expect(textAt(body, 'error', 'message')).toMatch(
    new RegExp(`^A secret with \\(name/id\\) ${shown} was not found in this key vault. If you`),
  );
});

test('an unknown version of a known secret is named with it', async () => {
  await put('known', { value: 'v' });
  const { body } = await world.ask('GET /secrets/known/0123');

  expect(textAt(body, 'error', 'message')).toContain('(name/id) known/0123 was not found');
});

test('a change keeps what it does not name, and answers no value', async () => {
  await put('change', { value: 'v', contentType: 'text/plain', tags: { a: '1' } });
  world.clock.nowMs += 2_000;
  const body = { attributes: { exp: nowSeconds } };

  const changed = await world.ask('PATCH /secrets/change', { body });

  expect(changed.body).toMatchObject({ contentType: 'text/plain', tags: { a: '1' } });
  expect(changed.body).not.toHaveProperty('value');
  expect(at(changed.body, 'attributes', 'exp')).toBe(nowSeconds);
  const updated = Number(at(changed.body, 'attributes', 'updated'));
  expect(updated - Number(at(changed.body, 'attributes', 'created'))).toBe(2);
});

test('a change of tags replaces them all, also by none', async () => {
  await put('tags', { value: 'v', tags: { a: '1', b: '2' } });

  const replaced = await world.ask('PATCH /secrets/tags', { body: { tags: { c: '3' } } });
  const emptied = await world.ask('PATCH /secrets/tags', { body: { tags: {} } });

  expect(at(replaced.body, 'tags')).toEqual({ c: '3' });
  expect(at(emptied.body, 'tags')).toEqual({});
});

test('a change without a version meets the newest, with one that one', async () => {
  const first = versionIn((await put('which', { value: 'one' })).body);
  const second = versionIn((await put('which', { value: 'two' })).body);
  const body = { attributes: { enabled: false } };

  expect(versionIn((await world.ask('PATCH /secrets/which', { body })).body)).toBe(second);
  expect((await world.ask(`GET /secrets/which/${first}`)).status).toBe(200);
  await world.ask(`PATCH /secrets/which/${first}`, { body });
  expect((await world.ask(`GET /secrets/which/${first}`)).status).toBe(403);
});

test('a disabled version is put with its value, then neither read nor hidden', async () => {
  const created = await put('off', { value: 'v', attributes: { enabled: false } });
  const read = await world.ask('GET /secrets/off');
  const list = await world.ask('GET /secrets/off/versions');

  expect(at(created.body, 'value')).toBe('v');
  expect(read.status).toBe(403);
  expect(at(read.body, 'error', 'innererror', 'code')).toBe('SecretDisabled');
  expect(at(list.body, 'value', 0, 'attributes', 'enabled')).toBe(false);
});

test('times are taken as sent: milliseconds stay what they are', async () => {
  const { body } = await put('times', { value: 'v', attributes: { nbf: startMs } });

  expect(at(body, 'attributes', 'nbf')).toBe(startMs);
});

test.each([
  ['no value', {}],
  ['a value that is no text', { value: 1 }],
  ['tags that are no texts', { value: 'v', tags: { a: 1 } }],
  ['a value over 25 KB', { value: 'x'.repeat(25_601) }],
])('refuses a put with %s', async (_what, body) => {
  const reply = await put('bad', body);

  expect([reply.status, at(reply.body, 'error', 'code')]).toEqual([400, 'BadParameter']);
});

test('converts nothing to PEM but a PFX behind a certificate', async () => {
  await put('claims', { value: 'v', contentType: 'application/x-pkcs12' });
  await world.admin('PUT /vaults/shop/secrets/web', {
    value: 'cGZ4',
    contentType: 'application/x-pkcs12',
    managed: true,
    pem: '-----BEGIN PRIVATE KEY-----',
  });
  const query = '?outContentType=application%2Fx-pem-file';

  const refused = await world.ask(`GET /secrets/claims${query}`);
  const converted = await world.ask(`GET /secrets/web${query}`);

  expect(at(refused.body, 'error', 'message')).toBe(
    "The 'Unsupported' to 'PEM' transformation is not supported. Only PFX to PEM transformation is supported.",
  );
  expect(converted.body).toMatchObject({
    value: '-----BEGIN PRIVATE KEY-----',
    contentType: 'application/x-pem-file',
    managed: true,
    kid: expect.stringMatching(/^https:\/\/shop.vault.azure.net\/keys\/web\/[0-9a-f]{32}$/),
  });
});

test('a secret behind a certificate can be changed, deleted or saved only through that', async () => {
  await world.admin('PUT /vaults/shop/secrets/managed', { value: 'v', managed: true });

  for (const [line, verb] of [
    ['DELETE /secrets/managed', 'delete'],
    ['PUT /secrets/managed', 'set'],
    ['POST /secrets/managed/backup', 'backup'],
  ] as const) {
    const { status, body } = await world.ask(line, {
      body: verb === 'set' ? { value: 'w' } : undefined,
    });
    expect([status, at(body, 'error', 'innererror', 'code')]).toEqual([
      403,
      'SecretManagedByKeyVault',
    ]);
    expect(textAt(body, 'error', 'message')).toContain(`Operation "${verb}" is not allowed`);
  }
});
