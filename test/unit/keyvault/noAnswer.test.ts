import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { redact } from '../../../src/core/redacted.ts';
import { explained } from '../explained.ts';
import { startRefusingVaults, type Refusal, type RefusingVaults } from './refusingVaults.ts';

let vaults: RefusingVaults;

beforeAll(async () => {
  vaults = await startRefusingVaults();
});
afterAll(async () => vaults.close());

const to = (address: string, port: number) => ({
  resolve: [{ host: '*.vault.azure.net', address, port }],
});

// None of these gets as far as asking for a token.
const failures: readonly Refusal[] = [
  {
    what: 'whose challenge names another resource',
    faults: { challenge: { resource: 'https://evil.example' } },
    reason: 'VaultNotTrusted',
    tells: ({ vault, host }) => [
      `The host ${host} did not prove`,
      `az keyvault show --name ${vault} `,
    ],
  },
  {
    what: 'whose name does not resolve',
    route: to(`${'x'.repeat(64)}.invalid`, 443),
    reason: 'KeyVaultHostUnknown',
    tells: ({ vault, host }) => [
      `The name ${host} does not resolve (ENOTFOUND)`,
      `az keyvault recover --name ${vault}`,
    ],
  },
  {
    what: 'that refuses the connection',
    route: to('127.0.0.1', 1),
    reason: 'ConnectionRefused',
    tells: ({ host }) => [
      `${host} refuses the connection (ECONNREFUSED)`,
      `reach ${host} on port 443`,
    ],
  },
  {
    what: 'that breaks off',
    faults: { dropConnection: true },
    reason: 'KeyVaultUnreachable',
    tells: ({ host }) => [`The connection to Key Vault ${host} broke off (UND_ERR_SOCKET)`],
  },
  {
    what: 'that shows a false certificate',
    faults: { untrustedCertificate: true },
    reason: 'CertificateNotTrusted',
    tells: ({ host }) => [
      `${host} shows a certificate`,
      '--ca-file',
      `openssl s_client -connect ${host}:443 -servername ${host}`,
    ],
  },
  {
    what: 'behind a proxy that is not there',
    route: { resolve: [], proxy: { url: redact('http://127.0.0.1:1'), bypass: '' } },
    reason: 'ProxyFailed',
    tells: ({ host }) => [`no way to ${host} (PROXY_ECONNREFUSED)`, `${host}:443`],
  },
];

describe('no value comes from a host', () => {
  test.each(failures)('$what', async (failure) => {
    expect((await vaults.refuse(failure)).reason).toBe(failure.reason);
  });

  test('that hangs', async () => {
    const { world, createVault, requestFor } = vaults;
    const names = await createVault();
    await world.admin.setVaultFaults(names.vault, { hang: true });
    await world.admin.resetRequestCounts();
    const { vaults: reader, clock } = world.adapters();
    const failing = reader.read(requestFor(names));
    failing.catch(() => undefined);
    await vi.waitFor(async () =>
      expect((await world.admin.requestCounts()).counts).toMatchObject([{ kind: 'hang' }]),
    );
    await clock.advance(10_000);

    const failure = await explained(failing, [
      `${names.host} does not answer in time (ETIMEDOUT)`,
      'kubectl get networkpolicies',
    ]);

    expect(failure.reason).toBe('AnswerTimedOut');
  });

  test('that a proxy cannot find', async () => {
    const { world, createVault, requestFor } = vaults;
    const names = await createVault();
    await world.admin.call('DELETE', `/vaults/${names.vault}`);
    const proxy = { url: redact(world.proxyUrl), bypass: '' };
    const { vaults: reader } = world.adapters({ route: { resolve: [], proxy } });

    const failure = await explained(reader.read(requestFor(names)), [
      `no way to ${names.host} (PROXY_502)`,
    ]);

    expect(failure.reason).toBe('ProxyFailed');
  });
});
