import { describe, expect, test } from 'vitest';
import { isDefinite, type ErrorReason } from '../../../src/core/errors/errorCatalogue.ts';
import { explain } from '../../../src/core/errors/errors.ts';
import { entraError, readAadsts, type EntraExchange } from '../../../src/identity/entraErrors.ts';

const parties = {
  namespace: 'shop',
  serviceAccount: 'sa',
  clientId: 'c',
  tenantId: 't',
  issuer: 'https://issuer',
  subject: 'system:serviceaccount:shop:sa',
  authorityHost: 'https://login.microsoftonline.com',
  tenantCommand: 'Correct the tenant of serviceaccount sa --namespace shop',
  clientCommand: 'Correct the client of serviceaccount sa --namespace shop',
  scope: 'https://vault.azure.net/.default',
};

describe('an answer of Microsoft Entra ID', () => {
  test.each<readonly [number, ErrorReason, string]>([
    [70021, 'FederatedCredentialNotFound', 'create --name shop-sa'],
    [700211, 'FederatedIssuerNotFound', '--issuer https://issuer '],
    [700212, 'FederatedAudienceMismatch', '--audiences api://AzureADTokenExchange'],
    [700213, 'FederatedCredentialNotFound', '--subject system:serviceaccount:shop:sa'],
    [7002138, 'FederatedSubjectCaseMismatch', '--subject system:serviceaccount:shop:sa'],
    [50166, 'IssuerUnreachable', 'curl https://issuer/.well-known/openid-configuration'],
    [501661, 'IssuerUnreachable', 'AADSTS501661'],
    [90061, 'IssuerUnreachable', 'AADSTS90061'],
    [700027, 'IssuerKeyMismatch', 'https://issuer/.well-known/openid-configuration'],
    [7000272, 'IssuerKeyUnknown', 'ServiceAccount sa'],
    [700024, 'AssertionOutOfTime', 'ServiceAccount sa'],
    [90002, 'TenantNotFound', 'serviceaccount sa --namespace shop'],
    [900023, 'TenantNotFound', 'no tenant t'],
    [700011, 'ApplicationNotFound', 'client id c'],
    [700016, 'ApplicationNotFound', 'serviceaccount sa --namespace shop'],
    [7000112, 'IdentityDisabled', 'az ad sp update --id c '],
    [53003, 'ConditionalAccessBlocked', 'client c'],
    [530032, 'ConditionalAccessBlocked', 'tenant t'],
    [500011, 'KeyVaultNotInTenant', 'Tenant t'],
    [500014, 'KeyVaultNotInTenant', 'client c'],
    [7000218, 'EntraRefused', 'code=7000218'],
  ])('with AADSTS%i is %s', (aadsts, reason, words) => {
    const error = entraError({ status: 401, aadsts }, parties);
    expect(error.reason).toBe(reason);
    expect(explain(error)).toContain(`(AADSTS${aadsts})`);
    expect(explain(error)).toContain(words);
  });

  test('proposes a name that Azure takes, whatever the ServiceAccount is called', () => {
    const error = entraError(
      { status: 401, aadsts: 70021 },
      { ...parties, serviceAccount: 'a.b.c' },
    );
    expect(explain(error)).toContain('create --name shop-a-b-c ');
  });

  test('with AADSTS500011 for another resource than Key Vault names its scope', () => {
    const scope = 'https://example.com/.default';
    const error = entraError({ status: 400, aadsts: 500011 }, { ...parties, scope });
    expect(error.reason).toBe('ResourceNotInTenant');
    expect(explain(error)).toContain(scope);
  });

  test.each<readonly [string, EntraExchange, ErrorReason, string]>([
    ['a code of its own trouble', { status: 400, aadsts: 90033 }, 'EntraUnavailable', 'status 400'],
    ['any code and status 503', { status: 503, aadsts: 700016 }, 'EntraUnavailable', 'status 503'],
    ['no code', { status: 400 }, 'EntraUnavailable', 'status 400'],
    ['success but no token', { status: 200 }, 'EntraUnavailable', 'status 200'],
    ['nothing sent', {}, 'EntraUnavailable', 'no answer'],
    ['a broken connection', { cause: 'UND_ERR_SOCKET' }, 'EntraUnavailable', 'UND_ERR_SOCKET'],
    ['a loop of requests', { status: 400, aadsts: 50196 }, 'EntraThrottled', 'status 400'],
    ['too many requests', { status: 400, aadsts: 90055 }, 'EntraThrottled', 'status 400'],
    ['any code and status 429', { status: 429, aadsts: 700016 }, 'EntraThrottled', 'status 429'],
    ['an unknown host', { cause: 'ENOTFOUND' }, 'HostUnknown', 'login.microsoftonline.com'],
    ['a refused connection', { cause: 'ECONNREFUSED' }, 'ConnectionRefused', 'ECONNREFUSED'],
    ['no answer in time', { cause: 'ETIMEDOUT' }, 'AnswerTimedOut', 'ETIMEDOUT'],
  ])('with %s passes by itself', (_what, exchange, reason, words) => {
    const error = entraError(exchange, parties);
    expect(error.reason).toBe(reason);
    expect(isDefinite(reason)).toBe(false);
    expect(explain(error)).toContain(words);
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
