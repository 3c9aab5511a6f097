import { expect, test } from 'vitest';

import type { Reply } from '../support/standInWorld.ts';
import { differenceOf } from './likeness.ts';
import type { Exchange } from './recording.ts';

const body = {
  value: 'v',
  id: 'https://recorded.vault.azure.net/secrets/db/0123456789abcdef0123456789abcdef',
  attributes: { enabled: true, created: 1_700_000_000, updated: 1_700_000_000 },
};

function aRecording(response: Partial<Exchange['response']> = {}): Exchange {
  return {
    id: 'a/1',
    sequence: 'a',
    step: 1,
    kind: 'get',
    evidence: 'recorded',
    request: { method: 'GET', host: 'h', path: '/secrets/db', headers: {}, body: null },
    response: { status: 200, headers: {}, body, ...response },
  };
}

const reply = (changes: Partial<Reply> = {}): Reply => ({
  status: 200,
  headers: {},
  body,
  ...changes,
});

test('host, version id and times may differ', () => {
  const other = {
    value: 'v',
    id: 'https://ours.vault.azure.net/secrets/db/ffffffffffffffffffffffffffffffff',
    attributes: { enabled: true, created: 1, updated: 2 },
  };

  expect(differenceOf(aRecording(), reply({ body: other }))).toBeUndefined();
});

const { value, id, attributes } = body;

test.each<[string, Partial<Reply>]>([
  ['another status', { status: 201 }],
  ['another value', { body: { ...body, value: 'w' } }],
  ['another order of keys', { body: { id, value, attributes } }],
  ['one key more', { body: { ...body, tags: {} } }],
  ['one key less', { body: { value, id } }],
  ['null for a missing key', { body: { ...body, contentType: null } }],
  ['a time as text', { body: { ...body, attributes: { ...attributes, created: '1700000000' } } }],
  ['another name', { body: { ...body, id: id.replace('/db/', '/mail/') } }],
  ['an id without a version', { body: { ...body, id: id.slice(0, -33) } }],
  ['no body', { body: null }],
  ['a request to wait', { headers: { 'retry-after': '1' } }],
])('%s is a difference', (_what, changes) => {
  expect(differenceOf(aRecording(), reply(changes))).toMatch(/^recorded .* but was /);
});

test.each([
  ['code', { code: 'Conflict', message: 'gone' }],
  ['text', { code: 'SecretNotFound', message: 'Gone' }],
  ['inner code', { code: 'SecretNotFound', message: 'gone', innererror: { code: 'x' } }],
])('another %s of an error is a difference', (_what, error) => {
  const recorded = { status: 404, body: { error: { code: 'SecretNotFound', message: 'gone' } } };

  expect(differenceOf(aRecording(recorded), reply(recorded))).toBeUndefined();
  expect(differenceOf(aRecording(recorded), reply({ ...recorded, body: { error } }))).toBeDefined();
});

test('a link differs in its token only', () => {
  const link = (host: string, rest: string) => ({
    body: { value: [], nextLink: `https://${host}/secrets?api-version=7.4&$skiptoken=${rest}` },
  });
  const recorded = aRecording(link('recorded:443', 'abc&maxresults=1'));

  expect(differenceOf(recorded, reply(link('ours:443', 'xyz&maxresults=1')))).toBeUndefined();
  expect(differenceOf(recorded, reply(link('ours', 'xyz&maxresults=1')))).toBeDefined();
  expect(differenceOf(recorded, reply(link('ours:443', 'xyz')))).toBeDefined();
});
