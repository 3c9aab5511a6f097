import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPageReader } from '../../../src/kube/pages.ts';
import { maxPageBytes } from '../../../src/kube/pageSize.ts';
import { createApiClient } from '../../../src/kube/request.ts';
import { json, startFakeApiServer, type FakeApiServer } from './fakeApiServer.ts';

interface Item {
  readonly index: number;
  readonly text: string;
}

const { signal } = new AbortController();
const small = 500;
const large = 250_000;

let server: FakeApiServer;
/** What was sent of each page, in the order they were asked for. */
let pages: { readonly limit: number; readonly bytes: number }[];

beforeEach(async () => {
  server = await startFakeApiServer();
  pages = [];
});

afterEach(async () => {
  await server.close();
});

/** A collection whose objects have these sizes, as the API server gives it out: the token is where to go on. */
function serve(sizes: readonly number[]): void {
  const collection = sizes.map((size, index) => ({ index, text: 'x'.repeat(size) }));
  server.answer = ({ query, ...request }, response) => {
    const limit = Number(query['limit']);
    const from = Number(query['continue'] ?? 0);
    const items = collection.slice(from, from + limit);
    const next = from + limit < collection.length ? String(from + limit) : '';
    const body = { metadata: { resourceVersion: '9', continue: next }, items };
    pages.push({ limit, bytes: JSON.stringify(body).length });
    json(200, body)({ query, ...request }, response);
  };
}

function createReader() {
  const api = createApiClient(server.config());
  const read = createPageReader(api, { path: '/api/v1/things', accept: 'application/json' });
  return async (): Promise<number[]> => {
    const indexes: number[] = [];
    let token = '';
    do {
      const at = token === '' ? {} : { continueToken: token };
      const page = await read({ limit: 500, signal, ...at });
      indexes.push(...page.items.map((item) => (item as Item).index));
      token = page.metadata.continue;
    } while (token !== '');
    return indexes;
  };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const limits = (): number[] => pages.map(({ limit }) => limit);
const sizes = (count: number, size: number): number[] => Array.from({ length: count }, () => size);

describe('a list', () => {
  test('of small objects comes in pages as large as they are asked for', async () => {
    serve(sizes(1_200, small));
    const list = createReader();

    expect(await list()).toEqual(upTo(1_200));
    expect(limits()).toEqual([500, 500, 500]);
  });

  test('of large objects comes whole, in pages that stay below the limit', async () => {
    serve(sizes(60, large));
    const list = createReader();

    expect(await list()).toEqual(upTo(60));
    const [tooLarge, ...others] = pages;
    expect(tooLarge?.bytes).toBeGreaterThan(maxPageBytes);
    const alsoTooLarge = others.filter(({ bytes }) => bytes > maxPageBytes);
    expect(alsoTooLarge.length).toBeLessThanOrEqual(1);
  });

  test('begins with small pages when the last one had large objects', async () => {
    serve(sizes(60, large));
    const list = createReader();
    await list();
    pages.length = 0;

    expect(await list()).toEqual(upTo(60));
    expect(Math.max(...pages.map(({ bytes }) => bytes))).toBeLessThan(maxPageBytes);
  });

  test('comes in large pages again once the objects are small', async () => {
    serve([...sizes(40, large), ...sizes(3_000, small)]);
    const list = createReader();

    expect(await list()).toEqual(upTo(3_040));
    expect(limits().at(-1)).toBe(500);
    expect(pages.length).toBeLessThan(25);
  });

  test('finds large objects behind small ones, wherever they stand', async () => {
    serve([...sizes(700, small), ...sizes(40, large), ...sizes(700, small)]);
    const list = createReader();

    expect(await list()).toEqual(upTo(1_440));
  });

  test('takes an object that is larger than a page on its own', async () => {
    serve([small, maxPageBytes, small]);
    const list = createReader();

    expect(await list()).toEqual(upTo(3));
  });

  test('asked for one object only, begins with pages of any size afterwards', async () => {
    serve(sizes(1_200, small));
    const api = createApiClient(server.config());
    const read = createPageReader(api, { path: '/api/v1/things', accept: 'application/json' });
    await read({ limit: 1, signal });
    await read({ limit: 500, signal });

    expect(limits()).toEqual([1, 500]);
  });
});
