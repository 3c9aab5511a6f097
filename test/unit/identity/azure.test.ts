import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { explain, ReconcileError } from '../../../src/core/errors/errors.ts';
import type { WorkloadIdentity } from '../../../src/core/observed/identity.ts';
import { reveal } from '../../../src/core/redacted.ts';
import type { VaultFaults } from '../../testbed/azureAdmin.ts';
import { startAzureWorld, type AzureWorld } from './azureWorld.ts';

let world: AzureWorld;

beforeAll(async () => {
  world = await startAzureWorld();
});

afterEach(async () => {
  await world.admin.setEntraFaults({});
  await world.admin.setVaultFaults('shop-prod', {});
  await world.admin.resetRequestCounts();
});

afterAll(async () => {
  await world.close();
});

const vaultUrl = 'https://shop-prod.vault.azure.net';
const scope = 'https://vault.azure.net/.default';
const aRead = (name = 'db-password') => ({ vaultUrl, identity: world.identity, ref: { name } });

/** `kind status` of all that was asked, each as often as it was. */
async function asked(): Promise<string[]> {
  const { counts } = await world.admin.requestCounts();
  return counts.flatMap(({ kind, status, count }) => Array(count).fill(`${kind} ${status}`));
}

/** What an error says, after a look that nothing in it could be a token. */
async function failureOf(work: Promise<unknown>): Promise<ReconcileError> {
  const thrown = await work.catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(ReconcileError);
  const error = thrown as ReconcileError;
  expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/ey[JI][\w-]{8}/);
  expect(explain(error)).not.toMatch(/undefined|Trace ID|<redacted>/);
  return error;
}

describe('the way from a ServiceAccount to a value', () => {
  test('is one exchange and one challenge for all that begin together, and then only reads', async () => {
    const { reader, results } = world.adapters();
    const first = await Promise.all([
      reader.read(aRead()),
      reader.read(aRead()),
      reader.read(aRead()),
    ]);
    expect(first.map(({ value }) => reveal(value))).toEqual(Array(3).fill('hunter2'));
    await reader.read(aRead());
    expect(results).toEqual(['workloadIdentity success']);
    const counts = await asked();
    expect(counts.filter((one) => one.startsWith('token'))).toHaveLength(1);
    expect(counts.filter((one) => one.endsWith('401'))).toHaveLength(1);
    expect(counts.filter((one) => /get/i.test(one) && one.endsWith('200'))).toHaveLength(4);
  });

  test('goes through a new exchange when the vault no longer takes the token', async () => {
    const { reader, results } = world.adapters();
    await reader.read(aRead());
    await world.admin.setVaultFaults('shop-prod', { rejectTokens: true });
    const failure = await failureOf(reader.read(aRead()));
    expect(failure).toMatchObject({ reason: 'KeyVaultTokenRefused', details: { status: 401 } });
    expect(failure.details['innerCode']).toMatch(/^AKV\d{5}$/);
    expect(results).toHaveLength(2);
    await world.admin.setVaultFaults('shop-prod', {});
    expect(reveal((await reader.read(aRead())).value)).toBe('hunter2');
  });
});

test('Microsoft Entra ID is asked once in five seconds for all who are refused, and then takes what has been mended', async () => {
  const { tokens, results, clock } = world.adapters();
  const identity = { ...world.identity, serviceAccountName: 'late' };
  await failureOf(tokens.acquire({ identity, scope }));
  const { clientId } = identity;
  const subject = 'system:serviceaccount:shop:late';
  await world.admin.addFederatedCredentials({ clientId, issuer: world.issuer, subject });
  await failureOf(tokens.acquire({ identity, scope }));
  expect(results).toEqual(['workloadIdentity error']);
  await clock.advance(5_000);
  expect(await tokens.acquire({ identity, scope })).toHaveProperty('expiresAt');
});

describe.each([
  ['died before its time', 'AssertionOutOfTime', { ageSeconds: 7_200 }],
  ['is signed by a key that is gone', 'IssuerKeyUnknown', { keyId: 'k0' }],
] as const)('a token of a ServiceAccount that %s', (_, reason, death) => {
  /** So many TokenRequests are answered with such a token; what was asked for is counted. */
  function dead(count: number) {
    const asked = { times: 0 };
    const token = () => {
      asked.times += 1;
      return asked.times > count ? {} : death;
    };
    return { asked, ...world.adapters({ token }) };
  }

  test('is replaced by one new TokenRequest, and nothing fails', async () => {
    const { asked: requests, tokens, results } = dead(1);
    expect(await tokens.acquire({ identity: world.identity, scope })).toHaveProperty('expiresAt');
    expect(requests.times).toBe(2);
    expect(results).toEqual(['workloadIdentity success']);
    const exchanges = (await asked()).filter((one) => one.startsWith('token'));
    expect(exchanges).toHaveLength(2);
  });

  test('is replaced only once', async () => {
    const { asked: requests, tokens } = dead(2);
    const failure = await failureOf(tokens.acquire({ identity: world.identity, scope }));
    expect(failure.reason).toBe(reason);
    expect(requests.times).toBe(2);
  });
});

describe('a vault that is not what it seems gets no token', () => {
  test.each<readonly [string, VaultFaults, string]>([
    ['redirects', { redirectTo: 'https://evil.example/' }, 'KeyVaultRefused'],
    [
      'names another resource',
      { challenge: { resource: 'https://evil.example' } },
      'VaultNotTrusted',
    ],
    ['shows a false certificate', { untrustedCertificate: true }, 'CertificateNotTrusted'],
  ])('when it %s', async (_what, faults, reason) => {
    await world.admin.setVaultFaults('shop-prod', faults);
    const { reader, results } = world.adapters();
    expect((await failureOf(reader.read(aRead()))).reason).toBe(reason);
    expect(results).toEqual([]);
    expect((await asked()).filter((one) => one.startsWith('token'))).toEqual([]);
  });

  test('when it belongs to another tenant', async () => {
    const tenantId = '00000000-0000-4000-8000-00000000000c';
    await world.admin.createVaults({ name: 'elsewhere', tenantId });
    const { reader, results } = world.adapters();
    const read = { ...aRead(), vaultUrl: 'https://elsewhere.vault.azure.net' };
    expect((await failureOf(reader.read(read))).reason).toBe('VaultInOtherTenant');
    expect(results).toEqual([]);
  });
});

describe('a token of one identity', () => {
  test.each<readonly [string, Partial<WorkloadIdentity>, string | undefined]>([
    ['a ServiceAccount made again', { serviceAccountUid: 'u2' }, undefined],
    ['another namespace', { namespace: 'other' }, 'FederatedCredentialNotFound'],
    ['another client', { clientId: '00000000-0000-4000-8000-00000000000a' }, 'ApplicationNotFound'],
    ['another tenant', { tenantId: '00000000-0000-4000-8000-00000000000b' }, 'TenantNotFound'],
  ])('is never given to %s', async (_who, change, reason) => {
    const { tokens, results } = world.adapters();
    await tokens.acquire({ identity: world.identity, scope });
    const other = tokens.acquire({ identity: { ...world.identity, ...change }, scope });
    const outcome = await other.then(
      () => undefined,
      (thrown: unknown) => (thrown instanceof ReconcileError ? thrown.reason : thrown),
    );
    expect(outcome).toBe(reason);
    expect(results).toHaveLength(2);
  });

  test('is not one for another scope', async () => {
    const { tokens, results } = world.adapters();
    await tokens.acquire({ identity: world.identity, scope });
    const other = 'https://storage.azure.com/.default';
    await tokens.acquire({ identity: world.identity, scope: other }).catch(() => undefined);
    expect(results).toHaveLength(2);
  });
});
