import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { at, startWorld, versionIn, type StandInWorld } from '../../../support/standInWorld.ts';

let world: StandInWorld;

beforeAll(async () => {
  world = await startWorld();
});
beforeEach(() => world.addVault({ name: 'shop' }));
afterAll(() => world.close());

const put = (name: string, body: object) => world.ask(`PUT /secrets/${name}`, { body });
const hour = 3_600;

test.each([
  ['not valid yet', (now: number) => ({ nbf: now + hour })],
  ['expired', (now: number) => ({ exp: now - hour })],
  ['not valid yet and expired', (now: number) => ({ nbf: now + hour, exp: now - hour })],
])('a secret that is %s is read all the same', async (_what, attributesAt) => {
  const attributes = attributesAt(Math.floor(world.clock.nowMs / 1000));
  await put('db', { value: 'v', attributes });

  const { status, body } = await world.ask('GET /secrets/db');

  expect([status, at(body, 'value')]).toEqual([200, 'v']);
  expect(at(body, 'attributes')).toMatchObject(attributes);
});

test('an empty value comes back as one', async () => {
  await put('db', { value: '' });

  expect(at((await world.ask('GET /secrets/db')).body, 'value')).toBe('');
});

test('a slash at the end changes nothing, whatever the api-version', async () => {
  const version = versionIn((await put('db', { value: 'v' })).body);
  for (const apiVersion of ['7.0', '7.6', '2025-07-01']) {
    const plain = await world.ask('GET /secrets/db', { apiVersion });
    const slashed = await world.ask('GET /secrets/db/', { apiVersion });
    const changed = await world.ask('PATCH /secrets/db/', {
      apiVersion,
      body: { tags: { a: '1' } },
    });

    expect(slashed.body).toEqual(plain.body);
    expect([changed.status, versionIn(changed.body)]).toEqual([200, version]);
  }
});

test.each([
  ['PUT /secrets/db', { value: 'v' }, 200],
  ['PATCH /secrets/db', { contentType: 'text/plain' }, 200],
  ['DELETE /secrets/db', undefined, 200],
  ['POST /deletedsecrets/db/recover', undefined, 200],
  ['DELETE /deletedsecrets/db', undefined, 204],
])('%s is answered with one status and no other', async (line, body, status) => {
  await put('db', { value: 'v' });
  if (line.includes('/deletedsecrets/')) await world.ask('DELETE /secrets/db');
  const answer = await world.ask(line, { body });

  expect(answer.status).toBe(status);
  expect(answer.headers['content-type'] === undefined).toBe(status === 204);
  expect(answer.headers).not.toHaveProperty('etag');
});

test.each([
  ['GET /secrets/none', ['code', 'message']],
  ['GET /secrets/no_name', ['code', 'message']],
  ['PUT /secrets/', ['code', 'message']],
  ['GET /secrets/off', ['code', 'message', 'innererror']],
  ['POST /deletedsecrets/off/recover', ['code', 'message', 'innererror']],
])('the refusal of %s has an error with %j and nothing else', async (line, keys) => {
  await put('off', { value: 'v', attributes: { enabled: false } });
  const { body } = await world.ask(line);

  expect(Object.keys(Object(body))).toEqual(['error']);
  expect(Object.keys(Object(at(body, 'error')))).toEqual(keys);
});
