import { expect, test } from 'vitest';

import type { Exchange } from './recording.ts';
import { seedsOf, type Seed } from './vaultSeeds.ts';

const first = 'a'.repeat(32);
const second = 'b'.repeat(32);

function exchange(kind: string, line: string, body: object | null, status = 200): Exchange {
  const [method = '', path = ''] = line.split(' ');
  const request = { method, host: 'h', path, headers: {}, body: null };
  const response = { status, headers: {}, body };
  return { id: line, sequence: 's', step: 1, kind, evidence: 'recorded', request, response };
}

const bundle = (version: string, created: number, more: object = {}) => ({
  ...more,
  id: `https://h/secrets/db/${version}`,
  attributes: { enabled: true, created },
});
const missing = (line: string) => exchange('get-404-SecretNotFound', line, {}, 404);

const summary = ({ version, isDeleted, isRecovered = false, input }: Seed): unknown => [
  version,
  input.value,
  ...(input.enabled === false ? ['disabled'] : []),
  ...(isDeleted ? ['deleted'] : []),
  ...(isRecovered ? ['recovered'] : []),
];
const seeds = (...exchanges: Exchange[]): unknown[] =>
  seedsOf({ sequence: 's', exchanges }).map(summary);

test('what the recording puts, creates or restores was not there before', () => {
  const put = exchange('set', 'PUT /secrets/db', bundle(first, 1, { value: 'one' }));
  const restore = exchange('restore', 'POST /secrets/restore', bundle(first, 1));
  const read = exchange('get', 'GET /secrets/db', bundle(first, 1, { value: 'one' }));

  expect(seeds(put, read)).toEqual([]);
  expect(seeds(restore, read)).toEqual([]);
});

test('versions that are shown beside those that the recording puts were there, oldest first', () => {
  const put = exchange('set', 'PUT /secrets/db', bundle(second, 2, { value: 'two' }));
  const body = { value: [bundle(first, 1), bundle(second, 2)], nextLink: null };
  const list = exchange('list-versions', 'GET /secrets/db/versions', body);

  expect(seeds(put, list)).toEqual([[first, 'v']]);
  expect(seeds(list)).toEqual([
    [first, 'v'],
    [second, 'v'],
  ]);
});

test('a value that is shown later was there at the beginning', () => {
  const removed = exchange('delete', 'DELETE /secrets/db', bundle(first, 1));
  const read = exchange('get', 'GET /secrets/db', bundle(first, 1, { value: 'one' }));

  expect(seeds(removed, read)).toEqual([[first, 'one']]);
});

test('what is not found at first and shown later was recovered, what is never shown was not there', () => {
  const read = exchange('get', 'GET /secrets/db', bundle(first, 1, { value: 'one' }));

  expect(seeds(missing('GET /secrets/db'), read)).toEqual([[first, 'one', 'recovered']]);
  expect(seeds(missing('GET /secrets/db'))).toEqual([]);
});

test('a disabled secret that is found among the deleted was both', () => {
  const line = 'GET /deletedsecrets/db';

  expect(seeds(exchange('get-deleted-403-SecretDisabled', line, {}, 403))).toEqual([
    [undefined, 'v', 'disabled', 'deleted'],
  ]);
});
