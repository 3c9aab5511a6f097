import { azureClouds } from '../../../src/api/cloud.ts';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { identityBindingAudience } from '../../../src/api/meta.ts';
import type { WorkloadIdentity } from '../../../src/core/observed/identity.ts';
import { createAssertionSource } from '../../../src/identity/assertions.ts';
import { createRegistryLogin } from '../../../src/identity/containerRegistry.ts';
import { createTokenReader } from '../../../src/identity/tokenReader.ts';
import { createSecretReader } from '../../../src/keyvault/client.ts';
import { createVaultReader } from '../../../src/keyvault/reader.ts';
import { createVaults } from '../../../src/keyvault/vaults.ts';
import { createAzureHttpClient } from '../../../src/net/azureHttpClient.ts';
import type { Route } from '../../../src/net/dispatcher.ts';
import { createTokens } from '../../../src/wire/tokens.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { AzureAdmin } from '../../testbed/azureAdmin.ts';
import { startAzureStandIn } from '../../testbed/azure/standIn.ts';
import { countingMetrics } from '../keyvault/fakeVault.ts';
import { caPem } from '../net/fakeTlsServer.ts';
import { issuer, startIssuer, type Issuer, type TokenChange } from './issuer.ts';

export type AzureWorld = Awaited<ReturnType<typeof startAzureWorld>>;

const noTokenFile = () => Promise.reject(new Error('there is none'));

/** A cluster's token issuer, the Azure stand-in that trusts it, and our adapters between them on real connections. */
export async function startAzureWorld() {
  const directory = mkdtempSync(join(tmpdir(), 'vaultsecret-azure-'));
  const cluster = await startIssuer();
  const caFile = join(directory, 'issuer-ca.crt');
  writeFileSync(caFile, caPem);
  const standIn = await startAzureStandIn({
    directory,
    issuers: [{ issuer, address: `127.0.0.1:${cluster.port}`, caFile }],
  });
  const admin = new AzureAdmin(standIn.adminUrl);
  const [application] = await admin.createApplications({});
  const identity: WorkloadIdentity = {
    kind: 'workloadIdentity',
    namespace: 'shop',
    serviceAccountName: 'sa',
    serviceAccountUid: 'u1',
    clientId: application?.clientId ?? '',
    tenantId: standIn.tenantId,
    cloud: azureClouds.AzurePublic,
  };
  const subject = 'system:serviceaccount:shop:sa';
  await admin.addFederatedCredentials({ clientId: identity.clientId, issuer, subject });
  await admin.createVaults({ name: 'shop-prod' });
  await admin.putSecrets('shop-prod', { name: 'db-password', value: 'hunter2' });
  const role = 'Key Vault Secrets User';
  await admin.assignRoles({ vault: 'shop-prod', clientId: identity.clientId, role });
  const [address = '', port = ''] = standIn.vaultAddress.split(':');
  const rule = (host: string) => ({ host, address, port: Number(port) });
  const route: Route = {
    resolve: [rule('*.vault.azure.net'), rule('login.microsoftonline.com'), rule('*.azurecr.io')],
    certificateAuthorities: [readFileSync(standIn.caFile, 'utf8')],
  };

  return {
    admin,
    identity,
    issuer,
    subject,
    route,
    proxyUrl: standIn.proxyUrl,
    tokenProxy: standIn.tokenProxy,
    /** New adapters, which remember nothing. */
    adapters: (change: AdapterChange = {}) =>
      createAdapters(cluster, { route, instanceMetadataEndpoint: standIn.imdsEndpoint }, change),
    async close() {
      await admin.close();
      await standIn.close();
      await cluster.close();
      rmSync(directory, { recursive: true });
    },
  };
}

export interface AdapterChange {
  /** How Azure is reached. */
  readonly route?: Partial<Route>;
  /** What the tokens of ServiceAccounts are like, each for itself if it is a function. */
  readonly token?: TokenChange | (() => TokenChange);
  /** AKS identity bindings. */
  readonly tokenProxy?: HttpClient;
  /** Where the host gives tokens of its managed identities. */
  readonly instanceMetadataEndpoint?: string;
}

interface Ways {
  readonly route: Route;
  readonly instanceMetadataEndpoint: string;
}

function createAdapters(
  cluster: Issuer,
  { route, instanceMetadataEndpoint }: Ways,
  change: AdapterChange,
) {
  const clock = createManualClock(Date.now());
  const { metrics } = countingMetrics();
  const httpClient = createAzureHttpClient({
    ...route,
    ...change.route,
    timeoutMs: 10_000,
    clock,
    metrics: { breaker: () => undefined },
  });
  const results: string[] = [];
  const source = createTokens({
    options: {
      instanceMetadataEndpoint: change.instanceMetadataEndpoint ?? instanceMetadataEndpoint,
    },
    httpClient,
    assertions: createAssertionSource(cluster.tokens(change.token), noTokenFile, {
      clock,
      ...(change.tokenProxy === undefined ? {} : { audience: identityBindingAudience }),
    }),
    tokenProxy: change.tokenProxy,
    credentials: { read: () => Promise.reject(new Error('there are none')) },
    certificateExpiries: { learn: () => undefined },
    clock,
    metrics: {
      net: { breaker: () => undefined },
      token: {
        requested: (kind, result) => results.push(`${kind} ${result}`),
        obtained: () => undefined,
      },
    },
  });
  const deps = { tokens: source, httpClient, clock, metrics };
  const ofVaults = createVaults({ clock, random: () => 0, metrics });
  const reader = createSecretReader({ ...deps, vaults: ofVaults });
  const vaults = createVaultReader({ ...deps, vaults: ofVaults });
  const registryLogin = createRegistryLogin({ tokens: source, httpClient, clock });
  const tokenReader = createTokenReader({ tokens: source, registryLogin, clock });
  return { clock, tokens: source, tokenReader, reader, vaults, results };
}
