import { RestError } from '@azure/core-rest-pipeline';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { explain, ReconcileError } from '../../../src/core/errors/errors.ts';
import { reveal } from '../../../src/core/redacted.ts';
import { createSecretReader } from '../../../src/keyvault/client.ts';
import {
  aRead,
  aReader,
  aVault,
  challenge,
  countingMetrics,
  failureOf,
  found,
  readerDeps,
  someTokens,
  type VaultAnswer,
} from './fakeVault.ts';

const path = 'GET /secrets/db-password/';

describe('a read', () => {
  test('gives value, version and expiry', async () => {
    const vault = aVault(() =>
      found('hunter2', { attributes: { enabled: true, exp: 1_800_000_000 } }),
    );
    const secret = await aReader(vault.httpClient).read(aRead());
    expect({ ...secret, value: reveal(secret.value) }).toEqual({
      name: 'db-password',
      version: '0123456789abcdef0123456789abcdef',
      value: 'hunter2',
      expiresOn: 1_800_000_000,
    });
    expect(inspect(secret, { depth: null, showHidden: true })).not.toContain('hunter2');
  });

  test('of a pinned version asks for it', async () => {
    const vault = aVault(() => found());
    await aReader(vault.httpClient).read(aRead({ ref: { name: 'a', version: 'v1' } }));
    expect(vault.requests[1]).toBe('GET /secrets/a/v1 t1');
  });

  test('of an empty value is one', async () => {
    const secret = await aReader(aVault(() => found('')).httpClient).read(aRead());
    expect(reveal(secret.value)).toBe('');
  });

  test('counts each request that goes to the vault by its status', async () => {
    const { metrics, counts } = countingMetrics();
    const { httpClient } = aVault(() => ({ status: 403 }));
    const deps = readerDeps(metrics);
    const reader = createSecretReader({ ...deps, httpClient });
    await failureOf(reader.read(aRead()));
    const broken = createSecretReader({
      ...deps,
      httpClient: { sendRequest: () => Promise.reject(new RestError('ENOTFOUND')) },
    });
    await failureOf(broken.read(aRead({ vaultUrl: 'https://mispselt.vault.azure.net' })));
    expect(counts).toEqual([
      'shop-prod.vault.azure.net get 401',
      'shop-prod.vault.azure.net get 403',
      'unknown get unreachable',
    ]);
  });
});

describe('a token that the vault no longer takes', () => {
  const refusing = (bad: string) =>
    aVault(({ headers }) =>
      headers.get('authorization') === `Bearer ${bad}` ? challenge() : found(),
    );

  test('is replaced by a new one, once', async () => {
    const vault = refusing('t1');
    await aReader(vault.httpClient).read(aRead());
    expect(vault.requests.at(-1)).toBe(`${path} t2`);
  });

  test('is an error when the next one is not taken either', async () => {
    const vault = aVault(() => ({
      ...challenge(),
      body: { error: { code: 'Unauthorized', message: 'AKV10046: Unable to resolve the key' } },
    }));
    const failure = await failureOf(aReader(vault.httpClient).read(aRead()));
    expect(failure.reason).toBe('KeyVaultTokenRefused');
    expect(failure.details).toMatchObject({ status: 401, innerCode: 'AKV10046' });
    expect(vault.requests.filter((request) => request.endsWith('t3'))).toEqual([]);
  });

  test('is replaced by one with the claims that the vault demands', async () => {
    const claims = '{"access_token":{"nbf":{"essential":true}}}';
    const header = `Bearer authorization="https://login.microsoftonline.com/x", error="insufficient_claims", claims="${btoa(claims)}"`;
    const { source, asked } = someTokens();
    const vault = aVault(({ headers }) =>
      headers.get('authorization') === 'Bearer t1'
        ? { status: 401, headers: { 'www-authenticate': header } }
        : found(),
    );
    await aReader(vault.httpClient, source).read(aRead());
    expect(
      asked.map(({ refused }) => refused && { ...refused, token: reveal(refused.token.token) }),
    ).toEqual([undefined, { token: 't1', claims }]);
  });

  test('leads to the new tenant when the vault has moved', async () => {
    const vault = aVault(() => found());
    const reader = aReader(vault.httpClient);
    await reader.read(aRead());
    const moved = challenge('00000000-0000-4000-8000-000000000000');
    vault.state.challenge = moved;
    vault.state.answer = () => moved;
    expect((await failureOf(reader.read(aRead()))).reason).toBe('VaultInOtherTenant');
  });
});

describe('a failed read is explained from parsed fields', () => {
  const inner = (code: string) => ({
    error: { code: 'Forbidden', message: 'text', innererror: { code } },
  });
  const notFound = { error: { code: 'SecretNotFound', message: 'A secret with text' } };
  const cases: readonly (readonly [VaultAnswer, string, object])[] = [
    [{ status: 404, body: notFound }, 'KeyVaultSecretNotFound', { object: 'db-password' }],
    [{ status: 404, body: '<html>text' }, 'KeyVaultRefused', { status: 404, innerCode: 'no code' }],
    [{ status: 403, body: inner('SecretDisabled') }, 'KeyVaultSecretDisabled', {}],
    [
      { status: 403, body: inner('ForbiddenByRbac') },
      'KeyVaultRoleMissing',
      { innerCode: 'ForbiddenByRbac' },
    ],
    [
      { status: 403, body: inner('AccessDenied') },
      'KeyVaultPolicyMissing',
      { innerCode: 'AccessDenied' },
    ],
    [{ status: 403, body: inner('ForbiddenByPolicy') }, 'KeyVaultPolicyMissing', {}],
    [{ status: 403, body: inner('ForbiddenByMoon') }, 'KeyVaultForbidden', {}],
    [{ status: 403, body: inner('ForbiddenByFirewall') }, 'KeyVaultNetworkForbidden', {}],
    [{ status: 403, body: inner('ForbiddenByConnection') }, 'KeyVaultPublicAccessDisabled', {}],
    [
      { status: 403, body: inner('a text\r\nof the service') },
      'KeyVaultRefused',
      { innerCode: 'no code' },
    ],
    [{ status: 403, body: inner('words of text') }, 'KeyVaultRefused', { innerCode: 'no code' }],
    [{ status: 409, body: inner('ObjectIsBeingDeleted') }, 'KeyVaultConflict', {}],
    [{ status: 429, body: '' }, 'KeyVaultThrottled', {}],
    [{ status: 502, body: '' }, 'KeyVaultFailed', { status: 502 }],
    [{ status: 200, body: '{"value":"text' }, 'KeyVaultRefused', { status: 200 }],
    [
      { status: 200, body: { value: 'x', id: 'https://h/secrets/db-password/some%20text' } },
      'KeyVaultRefused',
      { status: 200 },
    ],
    [{ status: 500 }, 'KeyVaultFailed', { status: 500 }],
    [{ status: 503 }, 'KeyVaultFailed', { status: 503 }],
    [
      { status: 400, body: { error: { code: 'BadParameter', message: 'text' } } },
      'KeyVaultRefused',
      { innerCode: 'BadParameter' },
    ],
    [
      { status: 302, headers: { location: 'https://evil.example/' } },
      'KeyVaultRefused',
      { status: 302 },
    ],
    [
      { status: 200, body: { id: 'https://shop-prod.vault.azure.net/secrets/a/b' } },
      'KeyVaultRefused',
      { status: 200 },
    ],
  ];
  test.each(cases)('%j', async (answer, reason, details) => {
    const vault = aVault(() => answer);
    const failure = await failureOf(aReader(vault.httpClient).read(aRead()));
    expect(failure.reason).toBe(reason);
    expect(failure.details).toMatchObject(details);
    expect(explain(failure)).not.toContain('undefined');
    expect(inspect(failure, { depth: null, showHidden: true })).not.toMatch(/text|Bearer|t1\b/);
    expect(vault.requests).toHaveLength(2);
  });

  test.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('and a throttled one with %j', async (headers, retryAfterMs) => {
    const { httpClient } = aVault(() => ({ status: 429, headers }));
    expect((await failureOf(aReader(httpClient).read(aRead()))).retryAfterMs).toBe(retryAfterMs);
  });

  test('when nothing answers', async () => {
    const sendRequest = () => Promise.reject(new RestError('ENOTFOUND', { code: 'ENOTFOUND' }));
    const failure = await failureOf(aReader({ sendRequest }).read(aRead()));
    expect(failure).toMatchObject({
      reason: 'KeyVaultHostUnknown',
      details: { cause: 'ENOTFOUND' },
    });
  });

  test('when there is no token, as the token source says', async () => {
    const refusal = new ReconcileError('TokenRequestRefused', {
      details: { namespace: 'shop', serviceAccount: 'sa', status: 403 },
    });
    const reader = aReader(aVault(() => found()).httpClient, {
      acquire: () => Promise.reject(refusal),
    });
    expect(await failureOf(reader.read(aRead()))).toBe(refusal);
  });

  test('when the client itself fails', async () => {
    const reader = aReader(aVault(() => found()).httpClient, {
      acquire: () => Promise.reject(new TypeError('text')),
    });
    const failure = await failureOf(reader.read(aRead()));
    expect(failure).toMatchObject({ reason: 'InternalError', details: { cause: 'TypeError' } });
    expect(explain(failure)).not.toContain('text');
  });
});

test.each([
  ['429', '30', 30_000],
  ['429', '86400', 300_000],
  ['503', '86400', 300_000],
  ['503', '-5', undefined],
  ['429', 'Infinity', undefined],
])('a vault that answers %s may ask for a wait of %s seconds', async (status, seconds, waitMs) => {
  const headers = { 'retry-after': seconds };
  const vault = aVault(() => ({ status: Number(status), headers }));
  expect((await failureOf(aReader(vault.httpClient).read(aRead()))).retryAfterMs).toBe(waitMs);
});
