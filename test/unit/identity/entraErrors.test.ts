import { describe, expect, test } from 'vitest';
import { explain } from '../../../src/core/errors.ts';
import { entraError, readAadsts, type EntraExchange } from '../../../src/identity/entraErrors.ts';

const parties = {
  namespace: 'shop',
  serviceAccount: 'sa',
  clientId: 'c',
  tenantId: 't',
  issuer: 'https://issuer',
  subject: 'system:serviceaccount:shop:sa',
  authorityHost: 'https://login.microsoftonline.com',
};

describe('an answer of Microsoft Entra ID', () => {
  test.each<readonly [number, string, string]>([
    [70021, 'FederatedCredentialNotFound', 'issuer, subject or audience'],
    [700211, 'FederatedCredentialNotFound', 'issuer'],
    [700212, 'FederatedCredentialNotFound', 'audience'],
    [700213, 'FederatedCredentialNotFound', 'subject'],
    [90002, 'TenantNotFound', ''],
    [900023, 'TenantNotFound', ''],
    [700016, 'ApplicationNotFound', ''],
    [53003, 'EntraRefused', ''],
    [7000222, 'EntraRefused', ''],
  ])('with AADSTS%i is %s', (aadsts, reason, mismatch) => {
    const error = entraError({ status: 401, aadsts }, parties);
    expect(error.reason).toBe(reason);
    expect(explain(error)).toContain(reason === 'EntraRefused' ? `code=${aadsts}` : mismatch);
  });

  test.each<readonly [string, EntraExchange, string]>([
    ['a code of its own trouble', { status: 400, aadsts: 90033 }, 'status 400'],
    ['a loop of requests', { status: 400, aadsts: 50196 }, 'status 400'],
    ['any code and status 429', { status: 429, aadsts: 700016 }, 'status 429'],
    ['any code and status 503', { status: 503, aadsts: 700016 }, 'status 503'],
    ['no code', { status: 400 }, 'status 400'],
    ['success but no token', { status: 200 }, 'status 200'],
    ['no answer', { cause: 'ENOTFOUND' }, 'ENOTFOUND'],
    ['nothing sent', {}, 'no answer'],
  ])('with %s passes by itself', (_what, exchange, cause) => {
    expect(entraError(exchange, parties)).toMatchObject({
      reason: 'EntraUnavailable',
      details: { cause },
    });
  });
});

describe('the code', () => {
  test.each([
    [
      '{"error":"invalid_client","error_codes":[700213,1],"error_description":"AADSTS1: x"}',
      700213,
    ],
    ['{"error":"invalid_client","error_codes":[]}', undefined],
    ['<html>AADSTS700213</html>', undefined],
    ['', undefined],
    [null, undefined],
  ])('in %j is read where it has a field of its own', (body, code) => {
    expect(readAadsts(body)).toBe(code);
  });
});
