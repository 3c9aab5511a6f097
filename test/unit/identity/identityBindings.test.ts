import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTokenProxyClient } from '../../../src/net/tokenProxyClient.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { explained } from '../explained.ts';
import { startAzureWorld, type AzureWorld } from './azureWorld.ts';

const scope = 'https://vault.azure.net/.default';
let world: AzureWorld;

beforeAll(async () => {
  world = await startAzureWorld();
  // Only a binding can let it in.
  await world.admin.removeFederatedCredentials({ clientId: world.identity.clientId });
});
beforeEach(() => world.admin.resetRequestCounts());
afterAll(async () => world.close());

const bind = async (...identityBindings: string[]) =>
  world.admin.changeApplication(world.identity.clientId, { identityBindings });

async function acquire(change: { ca?: string } = {}) {
  const { url, serverName, caFile } = world.tokenProxy;
  const tokenProxy = createTokenProxyClient({
    url,
    serverName,
    readCertificateAuthorities: async () => change.ca ?? readFileSync(caFile, 'utf8'),
    timeoutMs: 10_000,
    clock: createManualClock(Date.now()),
    metrics: { breaker: () => undefined },
  });
  const { tokens } = world.adapters({ tokenProxy });
  return tokens.acquire({ identity: world.identity, scope });
}

test('the proxy of the cluster gives tokens, and Microsoft Entra ID is not asked', async () => {
  await bind(world.subject);

  expect((await acquire()).expiresAt).toBeGreaterThan(Date.now());

  const { counts } = await world.admin.requestCounts();
  expect(counts).toMatchObject([{ kind: 'proxyToken', status: 200, count: 1 }]);
});

test('a ServiceAccount is told which binding is missing', async () => {
  await bind('system:serviceaccount:other:sa');

  const failure = await explained(acquire(), [
    '--serviceaccount=shop:sa',
    'az aks identity-binding list',
  ]);

  expect(failure.reason).toBe('IdentityBindingMissing');
});

test('a proxy of another authority is sent nothing', async () => {
  const ca = world.route.certificateAuthorities.join('');

  const failure = await explained(acquire({ ca }), []);

  expect(failure.reason).toBe('CertificateNotTrusted');
  expect((await world.admin.requestCounts()).counts).toEqual([]);
});
