import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { WorkloadIdentity } from '../../../src/core/observed/identity.ts';
import { redact } from '../../../src/core/redacted.ts';
import type { EntraFaults } from '../../testbed/azureAdmin.ts';
import { explained, type Expected } from '../explained.ts';
import { startAzureWorld, type AdapterChange, type AzureWorld } from './azureWorld.ts';

let world: AzureWorld;

beforeAll(async () => {
  world = await startAzureWorld();
});
afterEach(async () => {
  await world.admin.setEntraFaults({});
  await world.admin.resetRequestCounts();
});
afterAll(async () => world.close());

const keyVault = 'https://vault.azure.net/.default';

/** Who asks, for what, and by which way. */
interface Asking extends AdapterChange {
  readonly identity?: Partial<WorkloadIdentity>;
  readonly scope?: string;
}

interface Case extends Expected, Asking {
  readonly what: string;
  readonly aadsts?: number;
  readonly faults?: EntraFaults;
  /** Before the token is asked for. */
  readonly prepare?: () => Promise<unknown>;
}

const acquire = async ({ identity, scope = keyVault, ...change }: Asking = {}) =>
  world.adapters(change).tokens.acquire({ identity: { ...world.identity, ...identity }, scope });

const nobody = '00000000-0000-4000-8000-00000000000a';
/** An issuer that no port answers for. */
const silent = 'https://silent.example';

/** Lets the identity act for a ServiceAccount, in another way than is right. */
const trusting = (other: { issuer?: string; subject?: string; audience?: string }) => async () =>
  world.admin.addFederatedCredentials({
    clientId: world.identity.clientId,
    issuer: world.issuer,
    subject: world.subject,
    ...other,
  });

const create = [
  'az identity federated-credential create',
  '--issuer https://issuer.example ',
  '--audiences api://AzureADTokenExchange',
];
const update = 'az identity federated-credential update';

const refusals: readonly Case[] = [
  {
    what: 'a tenant that does not exist',
    aadsts: 90002,
    identity: { tenantId: nobody },
    reason: 'TenantNotFound',
    tells: [
      `no tenant ${nobody}`,
      'kubectl annotate --overwrite serviceaccount sa --namespace shop azure.workload.identity/tenant-id=',
    ],
  },
  {
    what: 'an application that the tenant does not know',
    aadsts: 700016,
    identity: { clientId: nobody },
    reason: 'ApplicationNotFound',
    tells: [
      `client id ${nobody}`,
      'kubectl annotate --overwrite serviceaccount sa --namespace shop azure.workload.identity/client-id=',
    ],
  },
  {
    what: 'a ServiceAccount that no federated credential names',
    aadsts: 700213,
    identity: { serviceAccountName: 'other' },
    reason: 'FederatedCredentialNotFound',
    tells: [...create, '--name shop-other ', '--subject system:serviceaccount:shop:other '],
  },
  {
    what: 'the same in the words of 2023',
    aadsts: 70021,
    identity: { serviceAccountName: 'other' },
    faults: { wordingOf: '2023-01-19' },
    reason: 'FederatedCredentialNotFound',
    tells: [...create, '--subject system:serviceaccount:shop:other '],
  },
  {
    what: 'a cluster that no federated credential names',
    aadsts: 700211,
    token: { issuer: 'https://issuer.example/' },
    reason: 'FederatedIssuerNotFound',
    tells: ['create --name shop-sa ', '--issuer https://issuer.example/ --subject'],
  },
  {
    what: 'a federated credential for another audience',
    aadsts: 700212,
    identity: { serviceAccountName: 'loud' },
    prepare: async () =>
      trusting({ subject: 'system:serviceaccount:shop:loud', audience: 'api://other' })(),
    reason: 'FederatedAudienceMismatch',
    tells: [update, '--subject system:serviceaccount:shop:loud', ...create.slice(2)],
  },
  {
    what: 'a federated credential with other capitals',
    aadsts: 7002138,
    identity: { serviceAccountName: 'upper' },
    prepare: async () => trusting({ subject: 'system:serviceaccount:shop:Upper' })(),
    reason: 'FederatedSubjectCaseMismatch',
    tells: [update, '--subject system:serviceaccount:shop:upper'],
  },
  {
    what: 'an issuer that it cannot reach',
    aadsts: 50166,
    token: { issuer: silent },
    prepare: async () => {
      await world.admin.registerIssuer({ issuer: silent, address: '127.0.0.1:1' });
      await trusting({ issuer: silent })();
    },
    reason: 'IssuerUnreachable',
    tells: [`curl ${silent}/.well-known/openid-configuration`],
  },
  {
    what: 'a key that the issuer does not publish',
    aadsts: 7000272,
    token: { keyId: 'k2' },
    reason: 'IssuerKeyUnknown',
    tells: ['issuer https://issuer.example ', 'kubectl get --raw /openid/v1/jwks'],
  },
  {
    what: 'a signature that is not of that key',
    aadsts: 700027,
    token: { isForged: true },
    reason: 'IssuerKeyMismatch',
    tells: ['ServiceAccount sa', 'kubectl get --raw /openid/v1/jwks'],
  },
  {
    what: 'a token from a clock that is two hours late',
    aadsts: 700024,
    token: { ageSeconds: 7_200 },
    reason: 'AssertionOutOfTime',
    tells: ['ServiceAccount sa', 'kubectl get --raw /version --v=8'],
  },
  {
    what: 'a token from a clock that is two hours early',
    aadsts: 700024,
    token: { ageSeconds: -7_200 },
    reason: 'AssertionOutOfTime',
    tells: ['ServiceAccount sa'],
  },
  {
    what: 'whom conditional access blocks',
    aadsts: 53003,
    faults: { conditionalAccess: true },
    reason: 'ConditionalAccessBlocked',
    tells: ['az rest --url https://graph.microsoft.com/v1.0/identity/conditionalAccess/policies'],
  },
  {
    what: 'a service that the tenant does not know',
    aadsts: 500011,
    scope: 'https://vault.example/.default',
    reason: 'KeyVaultNotInTenant',
    tells: ['az ad sp create --id cfa8b339-82a2-471a-a3c9-0fc0be7a4093'],
  },
  {
    what: 'whatever else there is, by its code',
    aadsts: 700021,
    token: { issuer: 'http://issuer.example' },
    reason: 'EntraRefused',
    tells: ['https://login.microsoftonline.com/error?code=700021'],
  },
];

describe('Microsoft Entra ID refuses', () => {
  test.each(refusals)('$what', async ({ aadsts, prepare, faults = {}, ...given }) => {
    await prepare?.();
    await world.admin.setEntraFaults(faults);

    const failure = await explained(acquire(given), given.tells);

    expect(failure.reason).toBe(given.reason);
    expect(failure.message).toContain(`(AADSTS${aadsts})`);
  });

  test('an application that was disabled', async () => {
    const { clientId, tenantId } = world.identity;
    await world.admin.call('PATCH', `/applications/${clientId}`, { disabled: true });

    const failure = await explained(acquire(), [
      `Client ${clientId} is disabled in tenant ${tenantId} (AADSTS7000112)`,
      `az ad sp update --id ${clientId} --set accountEnabled=true`,
    ]);

    expect(failure.reason).toBe('IdentityDisabled');

    await world.admin.call('PATCH', `/applications/${clientId}`, { disabled: false });
  });

  test('an unknown tenant and an unknown application in words of their own', async () => {
    const both = { tenantId: nobody, clientId: nobody };

    const failure = await explained(acquire({ identity: both }), ['AADSTS90002']);

    expect(failure.reason).toBe('TenantNotFound');
  });
});

describe('Microsoft Entra ID cannot be asked', () => {
  const host = 'login.microsoftonline.com';
  const at = (address: string, port: number) => ({
    route: { resolve: [{ host, address, port }] },
  });

  test.each<Case>([
    {
      what: 'when it fails',
      faults: { status: 503 },
      reason: 'EntraUnavailable',
      tells: ['(status 503)', 'https://azure.status.microsoft'],
    },
    {
      what: 'when it throttles',
      faults: { throttle: { retryAfterSeconds: 7 } },
      reason: 'EntraThrottled',
      tells: ['(status 429)'],
    },
    {
      what: 'when it breaks the connection',
      faults: { dropConnection: true },
      reason: 'EntraUnavailable',
      tells: ['UND_ERR_SOCKET', `https://${host}`],
    },
    {
      what: 'when its name does not resolve',
      // Longer than a name may be, so that no name server is asked.
      ...at(`${'x'.repeat(64)}.invalid`, 443),
      reason: 'HostUnknown',
      tells: ['ENOTFOUND', `nslookup ${host}`],
    },
    {
      what: 'when nothing listens there',
      ...at('127.0.0.1', 1),
      reason: 'ConnectionRefused',
      tells: ['ECONNREFUSED', `reach ${host} on port 443`],
    },
    {
      what: 'when it shows a false certificate',
      route: { certificateAuthorities: [] },
      reason: 'CertificateNotTrusted',
      tells: ['--ca-file', `openssl s_client -connect ${host}:443 -servername ${host}`],
    },
  ])('$what', async ({ faults = {}, ...given }) => {
    await world.admin.setEntraFaults(faults);

    const failure = await explained(acquire(given), given.tells);

    expect(failure.reason).toBe(given.reason);
    expect(failure.retryAfterMs).toBe(given.reason === 'EntraThrottled' ? 7_000 : undefined);
  });

  test('when it hangs', async () => {
    await world.admin.setEntraFaults({ hang: true });
    const { tokens, clock } = world.adapters();
    const failing = tokens.acquire({ identity: world.identity, scope: keyVault });
    failing.catch(() => undefined);
    await vi.waitFor(async () =>
      expect((await world.admin.requestCounts()).counts).toMatchObject([{ kind: 'hang' }]),
    );
    await clock.advance(10_000);

    const failure = await explained(failing, [
      `${host} does not answer in time (ETIMEDOUT)`,
      'kubectl get networkpolicies',
    ]);

    expect(failure.reason).toBe('AnswerTimedOut');
  });

  test('through a proxy that is not there', async () => {
    const proxy = { url: redact('http://127.0.0.1:1'), bypass: '' };

    const failure = await explained(acquire({ route: { proxy, resolve: [] } }), [
      `no way to ${host} (PROXY_ECONNREFUSED)`,
      'HTTPS_PROXY',
    ]);

    expect(failure.reason).toBe('ProxyFailed');
  });
});
