import { describe, expect, test } from 'vitest';

import { latestApiVersion } from '../../../testbed/azure/apiVersions.ts';
import { parseVaultRequest, type ParsedRequest } from '../../../testbed/azure/vaultRequest.ts';

const parse = (method: string, path: string, query = 'api-version=7.6'): ParsedRequest =>
  parseVaultRequest(method, `${path}?${query}`, latestApiVersion);

function summary(parsed: ParsedRequest): unknown {
  if (parsed.kind === 'error') return `${parsed.error.status} ${parsed.error.message}`;
  const { operation, name, version } = parsed.request;
  return [operation, name, version].filter((part) => part !== undefined).join(' ');
}

test.each([
  ['GET', '/secrets', 'list'],
  ['GET', '/secrets/', 'list'],
  ['GET', '/secrets/db', 'get db'],
  ['GET', '/secrets/db/', 'get db'],
  ['GET', '/secrets/db/0a1b', 'getVersion db 0a1b'],
  ['GET', '/secrets/db/versions', 'listVersions db'],
  ['PUT', '/secrets/db', 'set db'],
  ['PATCH', '/secrets/db', 'update db'],
  ['PATCH', '/secrets/db/0a1b', 'update db 0a1b'],
  ['DELETE', '/secrets/db', 'delete db'],
  ['POST', '/secrets/db/backup', 'backup db'],
  ['POST', '/secrets/restore', 'restore'],
  ['GET', '/secrets/restore', 'get restore'],
  ['GET', '/deletedsecrets', 'listDeleted'],
  ['GET', '/deletedsecrets/db', 'getDeleted db'],
  ['POST', '/deletedsecrets/db/recover', 'recover db'],
  ['DELETE', '/deletedsecrets/db', 'purge db'],
  ['POST', '/certificates/web/create', 'createCertificate web'],
  ['GET', '/certificates/web/pending', 'getPendingCertificate web'],
  ['GET', '/certificates/web/0a1b', 'getCertificate web 0a1b'],
  ['GET', '/keys/k/0a1b', 'getKey k 0a1b'],
  ['POST', '/keys/k/0a1b/sign', 'useKey k 0a1b'],
])('%s %s is %s', (method, path, expected) => {
  expect(summary(parse(method, path))).toBe(expected);
});

describe('names', () => {
  test.each(['a', '0db', '-db', 'x'.repeat(127)])('may be %s', (name) => {
    expect(summary(parse('GET', `/secrets/${name}`))).toBe(`get ${name}`);
  });

  test.each([
    ['PUT', '/secrets/'],
    ['POST', '/certificates//create'],
    ['POST', '/keys//create'],
    ['GET', '/secrets//versions'],
    ['DELETE', '/deletedsecrets//'],
  ])('may not be empty: %s %s is no method of the service', (method, path) => {
    expect(summary(parse(method, path))).toBe(`405 HTTP ${method} not allowed`);
  });

  test.each([
    ['no_name', 'no_name'],
    ['a%20b', 'a b'],
    ['key%21@%23$', 'key!@#$'],
    ['%zz', '%zz'],
    ['x'.repeat(128), 'x'.repeat(128)],
  ])('may not be %s, whatever the method', (name, decoded) => {
    const text = `400 The request URI contains an invalid name: ${decoded}`;

    expect(summary(parse('GET', `/secrets/${name}`))).toBe(text);
    expect(summary(parse('POST', `/keys/${name}/create`))).toBe(text);
  });
});

test.each([
  ['PUT', '/secrets/', '405 HTTP PUT not allowed'],
  ['POST', '/secrets/db', '405 HTTP POST not allowed'],
  ['DELETE', '/secrets/db/versions', '405 HTTP DELETE not allowed'],
  ['GET', '/storage', '501 The stand-in does not serve /storage.'],
  ['GET', '/secrets/a/b/c', '501 The stand-in does not serve /secrets/a/b/c.'],
])('%s %s is refused', (method, path, expected) => {
  expect(summary(parse(method, path))).toBe(expected);
});

describe('api-version', () => {
  test.each(['2016-10-01', '7.0', '7.4-preview.1', '7.6', '2025-07-01', '2026-04-01'])(
    'may be %s',
    (version) => {
      expect(summary(parse('GET', '/secrets', `api-version=${version}`))).toBe('list');
      expect(summary(parse('GET', '/secrets', `api%2Dversion=${version}`))).toBe('list');
    },
  );

  test('is required', () => {
    expect(summary(parse('GET', '/secrets', ''))).toBe('400 api-version must be specified');
  });

  test('may not be one that nobody published, nor one that the vault does not know yet', () => {
    const text = (version: string, latest: string) =>
      `400 The specified version (${version}) is not recognized. Consider using the latest supported version (${latest}).`;

    expect(summary(parse('GET', '/secrets', 'api-version=9.9'))).toBe(
      text('9.9', latestApiVersion),
    );
    expect(summary(parseVaultRequest('GET', '/secrets?api-version=7.3', '7.1'))).toBe(
      text('7.3', '7.1'),
    );
  });

  test('before 7.0 knows no backup', () => {
    const query = 'api-version=7.0-preview';

    expect(summary(parse('POST', '/secrets/db/backup', query))).toBe('405 HTTP POST not allowed');
    expect(summary(parse('POST', '/secrets/restore', query))).toBe('405 HTTP POST not allowed');
  });
});
