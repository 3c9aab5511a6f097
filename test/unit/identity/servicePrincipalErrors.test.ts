import { expect, test } from 'vitest';
import type { ErrorReason } from '../../../src/core/errors/errorCatalogue.ts';
import { explain } from '../../../src/core/errors/errors.ts';
import { servicePrincipalError } from '../../../src/identity/servicePrincipalErrors.ts';
import { aServicePrincipal } from './storedSecret.ts';

const now = Date.UTC(2026, 10, 25);
const presented = {
  identity: aServicePrincipal({ kind: 'clientCertificate' }),
  authorityHost: 'https://login.microsoftonline.com',
  scope: 'https://vault.azure.net/.default',
  certificateExpiresAt: now + 1,
  now,
};

test.each<readonly [number, ErrorReason]>([
  [7000215, 'ClientSecretWrong'],
  [7000222, 'ClientSecretExpired'],
  [700027, 'ClientCertificateUnknown'],
  [1000502, 'ClientCertificateExpired'],
  [7000274, 'ClientCertificateExpired'],
  [7000214, 'ClientCertificateRevoked'],
  [7000277, 'ClientCertificateRevoked'],
  [7000232, 'CredentialOfManagedIdentity'],
  [90002, 'TenantNotFound'],
  [700016, 'ApplicationNotFound'],
  [7000112, 'IdentityDisabled'],
  [7000218, 'EntraRefused'],
])('AADSTS%i for a stored credential is %s', (aadsts, reason) => {
  const error = servicePrincipalError({ status: 401, aadsts }, presented);

  expect(error.reason).toBe(reason);
  expect(explain(error)).toContain(`AADSTS${aadsts}`);
  expect(explain(error)).not.toMatch(/undefined|serviceaccount  /);
});

test.each([
  [now - 1, 'ClientCertificateExpired', '2026-11-24T23:59:59Z'],
  [now, 'ClientCertificateExpired', '2026-11-25T00:00:00Z'],
  [now + 1, 'ClientCertificateUnknown', 'not registered'],
])('of one code for two causes the date of the certificate decides', (at, reason, words) => {
  const error = servicePrincipalError(
    { status: 401, aadsts: 700027 },
    { ...presented, certificateExpiresAt: at },
  );

  expect(error.reason).toBe(reason);
  expect(explain(error)).toContain(words);
});

test('whatever the code says, a 429 and a 5xx pass by themselves', () => {
  const aadsts = 7000215;
  expect(servicePrincipalError({ status: 429, aadsts }, presented).reason).toBe('EntraThrottled');
  expect(servicePrincipalError({ status: 503, aadsts }, presented).reason).toBe('EntraUnavailable');
});
