import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import {
  at,
  startWorld,
  textAt,
  versionIn,
  type StandInWorld,
} from '../../../support/standInWorld.ts';

let world: StandInWorld;

beforeAll(async () => {
  world = await startWorld();
});
beforeEach(async () => {
  await world.addVault({ name: 'shop' });
});
afterAll(() => world.close());

const named = (prefix: string, count: number): object[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `${prefix}-${String(index).padStart(3, '0')}`,
    value: 'v',
  }));

const putAll = (secrets: object[]) => world.admin('POST /vaults/shop/secrets', secrets);

/** Follows a list to its end: the last parts of the ids on each page. */
async function pagesOf(line: string): Promise<string[][]> {
  const pages: string[][] = [];
  for (let next: string | undefined = line; next !== undefined;) {
    const { body } = await world.ask(next);
    const items = at(body, 'value');
    if (!Array.isArray(items)) throw new Error('no list');
    pages.push(items.map((item) => versionIn(item)));
    const link = at(body, 'nextLink');
    next = typeof link === 'string' ? `GET ${link.replace(/^https:\/\/[^/]+/, '')}` : undefined;
  }
  return pages;
}

test('lists an empty vault as one empty page with a nextLink of null', async () => {
  expect((await world.ask('GET /secrets')).body).toEqual({ value: [], nextLink: null });
});

test('shows what is newest of each secret, neither value nor version', async () => {
  await world.ask('PUT /secrets/a', { body: { value: 'old', tags: { t: '1' } } });
  await world.ask('PUT /secrets/a', { body: { value: 'new', contentType: 'text/plain' } });

  const { body } = await world.ask('GET /secrets');

  expect(at(body, 'value')).toEqual([
    {
      contentType: 'text/plain',
      id: 'https://shop.vault.azure.net/secrets/a',
      attributes: expect.objectContaining({ enabled: true }),
    },
  ]);
});

test('sorts by upper-cased name', async () => {
  await putAll(['b', 'A', 'a-1', 'C'].map((name) => ({ name, value: 'v' })));

  expect(await pagesOf('GET /secrets')).toEqual([['A', 'a-1', 'b', 'C']]);
});

test.each([
  [24, [24]],
  [25, [25]],
  [26, [25, 1]],
  [60, [25, 25, 10]],
])('pages %i secrets by 25', async (count, sizes) => {
  await putAll(named('s', count));

  expect((await pagesOf('GET /secrets')).map((page) => page.length)).toEqual(sizes);
});

test('a link has port, plain $skiptoken, and maxresults last where it was sent', async () => {
  await putAll(named('s', 3));
  const { body } = await world.ask('GET /secrets?maxresults=2');

  expect(at(body, 'nextLink')).toMatch(
    /^https:\/\/shop\.vault\.azure\.net:443\/secrets\?api-version=7\.6&\$skiptoken=[-_A-Za-z0-9]+&maxresults=2$/,
  );
  const token = new URL(textAt(body, 'nextLink')).searchParams.get('$skiptoken') ?? '';
  const marker: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
  const [, length, encoded = ''] = textAt(marker, 'NextMarker').split('!');
  expect(Number(length)).toBe(encoded.length);
  expect(Buffer.from(encoded.replaceAll('-', '='), 'base64').toString()).toBe(
    '000012!secret/S-002!000028!9999-12-31T23:59:59.9999999Z!',
  );
});

test.each(['maxresults=0', 'maxresults=26', 'maxresults=x', '$skiptoken=x'])(
  'refuses %s',
  async (query) => {
    expect((await world.ask(`GET /secrets?${query}`)).status).toBe(400);
  },
);

test('puts an empty page before every page after the first when told so', async () => {
  await putAll(named('s', 60));
  await world.admin('PUT /vaults/shop/faults', { emptyPages: true });

  const pages = await pagesOf('GET /secrets');

  expect(pages.map((page) => page.length)).toEqual([25, 0, 25, 0, 10]);
  expect(new Set(pages.flat()).size).toBe(60);
});

test('a page goes on at the next name, deleted or not: so the last may be empty', async () => {
  await putAll(named('s', 2));
  await world.ask('DELETE /secrets/s-001');

  expect(await pagesOf('GET /secrets?maxresults=1')).toEqual([['s-000'], []]);
});

test('goes on behind a secret that was purged between two pages', async () => {
  await putAll(named('s', 3));
  const { body } = await world.ask('GET /secrets?maxresults=1');
  await world.ask('DELETE /secrets/s-001');
  await world.ask('DELETE /deletedsecrets/s-001');

  const link = textAt(body, 'nextLink').replace(/^https:\/\/[^/]+/, '');

  expect(await pagesOf(`GET ${link}`)).toEqual([['s-002']]);
});

test('lists deleted secrets by walking over names and versions alike', async () => {
  await putAll(named('s', 2));
  await world.ask('DELETE /secrets/s-000');
  await world.ask('DELETE /secrets/s-001');

  expect(await pagesOf('GET /deletedsecrets?maxresults=1')).toEqual([['s-000'], [], ['s-001'], []]);
  expect(await pagesOf('GET /deletedsecrets')).toEqual([['s-000', 's-001']]);
});

test('a deleted secret is listed among the deleted only, with its dates', async () => {
  await putAll(named('s', 2));
  await world.ask('DELETE /secrets/s-000');

  expect(await pagesOf('GET /secrets')).toEqual([['s-001']]);
  const { body } = await world.ask('GET /deletedsecrets');
  expect(Object.keys(Object(at(body, 'value', 0)))).toEqual([
    'recoveryId',
    'deletedDate',
    'scheduledPurgeDate',
    'id',
    'attributes',
  ]);
});

test('lists versions sorted by their id, not by time', async () => {
  const versions: string[] = [];
  for (let count = 0; count < 30; count += 1) {
    world.clock.nowMs += 1_000;
    versions.push(versionIn((await world.ask('PUT /secrets/a', { body: { value: 'v' } })).body));
  }

  const pages = await pagesOf('GET /secrets/a/versions');

  expect(pages.map((page) => page.length)).toEqual([25, 5]);
  expect(pages.flat()).toEqual(versions.toSorted());
  expect(await pagesOf('GET /secrets/A/versions?maxresults=25')).toEqual(pages);
});

test('lists no versions of a secret that does not exist, without an error', async () => {
  expect((await world.ask('GET /secrets/none/versions')).body).toEqual({
    value: [],
    nextLink: null,
  });
});

test('marks secrets behind certificates', async () => {
  const contentType = 'application/x-pkcs12';
  await putAll([{ name: 'web', value: 'v', managed: true, contentType }]);

  const { body } = await world.ask('GET /secrets');

  expect(Object.keys(Object(at(body, 'value', 0)))).toEqual([
    'contentType',
    'id',
    'managed',
    'attributes',
  ]);
});
