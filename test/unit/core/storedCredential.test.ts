import { describe, expect, test } from 'vitest';
import type { VaultSecretStatus } from '../../../src/api/vaultSecret.ts';
import type { Observed } from '../../../src/core/observed/observed.ts';
import type { ServicePrincipalIdentity } from '../../../src/core/observed/servicePrincipal.ts';
import type { Plan, PlanInput } from '../../../src/core/plan/planned.ts';
import { warnOfStoredCredential } from '../../../src/core/plan/warnOfStoredCredential.ts';
import { aServicePrincipal } from '../identity/storedSecret.ts';
import { decide, diagnosed, anObserved, aSynced, aVaultSecret, now } from './builders.ts';
import { statusProblems } from './statusCheck.ts';

const day = 86_400_000;
const synced = aSynced();

const reading = (observed: Observed, identity: ServicePrincipalIdentity): PlanInput => ({
  observed,
  diagnosis: {
    ...diagnosed(observed),
    access: { ok: true, value: { vaultUrl: 'https://shop.vault.azure.net', identity } },
  },
});
const planned = (status: VaultSecretStatus): Plan => ({ ...decide(synced), status });

/** What the VaultSecret says after the one before said `status`. */
function told(
  kind: ServicePrincipalIdentity['kind'],
  certificateExpiresAt?: number,
  status: VaultSecretStatus = synced.vaultSecret.status,
  laterMs = 0,
): VaultSecretStatus {
  const observed: Observed = {
    ...synced,
    now: now + laterMs,
    vaultSecret: { ...synced.vaultSecret, status },
    credential: { uid: 'u1', resourceVersion: '7', certificateExpiresAt },
  };
  return warnOfStoredCredential(reading(observed, aServicePrincipal({ kind })), planned(status))
    .status;
}

const warning = ({ conditions = [] }: VaultSecretStatus) =>
  conditions.find(({ type }) => type === 'StoredCredential');

describe('who reads with a stored credential', () => {
  test('is told that only Microsoft Entra ID knows when a client secret expires', () => {
    expect(warning(told('clientSecret'))).toMatchObject({
      status: 'True',
      reason: 'ClientSecret',
      message: expect.stringMatching(
        /client secret in Secret entra.*az ad app credential list --id 1{8}.*A managed identity has none.*VaultConnection team/,
      ),
    });
  });

  test.each<[string, number, string, RegExp]>([
    ['in a year', 365 * day, 'ClientCertificate', /expires on 20\d\d-[^,]*Z\. /],
    ['in thirty days', 30 * day, 'ClientCertificate', /Z\. /],
    ['in a moment less', 30 * day - 1, 'CertificateExpiresSoon', /Z, in less than 30 days\./],
    ['in six days', 6 * day, 'CertificateExpiresSoon', /less than 7 days\./],
    ['tonight', day / 2, 'CertificateExpiresSoon', /less than a day\./],
    ['yesterday', -day, 'CertificateExpiresSoon', /It expired on /],
  ])('is told that the certificate expires %s', (_when, inMs, reason, words) => {
    expect(warning(told('clientCertificate', now + inMs))).toMatchObject({
      reason,
      message: expect.stringMatching(words),
    });
  });

  test('is told the same on each day but those of a warning, so that nothing is written', () => {
    const first = told('clientCertificate', now + 13 * day);

    expect(told('clientCertificate', now + 13 * day, first, 6 * day)).toEqual(first);
    expect(told('clientCertificate', now + 13 * day, first, 6 * day + 1)).not.toEqual(first);
  });

  test('is told after a restart what was told before it, until the certificate is looked at', () => {
    const before = told('clientCertificate', now + 6 * day);

    expect(told('clientCertificate', undefined, before)).toEqual(before);
    expect(warning(told('clientCertificate'))?.message).toContain('not seen yet');
  });

  test('has a status that tools understand', () => {
    expect(statusProblems(synced.vaultSecret, told('clientSecret'))).toEqual([]);
  });
});

test('who reads with a ServiceAccount is told nothing, and no longer what was said before', () => {
  const status = told('clientSecret');
  const observed = { ...synced, vaultSecret: { ...synced.vaultSecret, status } };

  const diagnosis = diagnosed(observed);
  const after = warnOfStoredCredential({ observed, diagnosis }, planned(status));

  expect(warning(after.status)).toBeUndefined();
  expect(after.status.conditions).toEqual(synced.vaultSecret.status.conditions);
});

test('a status without conditions stays without', () => {
  const observed = anObserved({ vaultSecret: aVaultSecret() });
  const plan = planned({});

  expect(warnOfStoredCredential(reading(observed, aServicePrincipal()), plan)).toBe(plan);
});
