import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { WorkloadIdentity } from '../../../src/core/identity.ts';
import { redact } from '../../../src/core/redacted.ts';
import { createAssertionSource } from '../../../src/identity/assertions.ts';
import { createWorkloadTokenSource } from '../../../src/identity/workloadIdentity.ts';
import { createSecretReader } from '../../../src/keyvault/client.ts';
import { createAzureHttpClient } from '../../../src/net/azureHttpClient.ts';
import type { ServiceAccountTokenClient } from '../../../src/ports/secrets.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { AzureAdmin } from '../../testbed/azureAdmin.ts';
import { startAzureStandIn } from '../../testbed/azure/standIn.ts';
import { countingMetrics } from '../keyvault/fakeVault.ts';
import { caPem, startFakeTlsServer } from '../net/fakeTlsServer.ts';

export type AzureWorld = Awaited<ReturnType<typeof startAzureWorld>>;

const noTokenFile = () => Promise.reject(new Error('there is none'));

const issuer = 'https://issuer.example';

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
  };
  const subject = 'system:serviceaccount:shop:sa';
  await admin.addFederatedCredentials({ clientId: identity.clientId, issuer, subject });
  await admin.createVaults({ name: 'shop-prod' });
  await admin.putSecrets('shop-prod', { name: 'db-password', value: 'hunter2' });
  const role = 'Key Vault Secrets User';
  await admin.assignRoles({ vault: 'shop-prod', clientId: identity.clientId, role });

  return {
    admin,
    identity,
    issuer,
    subject,
    /** New adapters, which remember nothing. */
    adapters: () =>
      createAdapters(readFileSync(standIn.caFile, 'utf8'), standIn.vaultAddress, cluster),
    async close() {
      await admin.close();
      await standIn.close();
      await cluster.close();
      rmSync(directory, { recursive: true });
    },
  };
}

interface Cluster {
  readonly tokens: ServiceAccountTokenClient;
}

function createAdapters(azureCa: string, address: string, { tokens }: Cluster) {
  const clock = createManualClock(Date.now());
  const [host = '', port = ''] = address.split(':');
  const rule = (name: string) => ({ host: name, address: host, port: Number(port) });
  const httpClient = createAzureHttpClient({
    resolve: [rule('*.vault.azure.net'), rule('login.microsoftonline.com')],
    certificateAuthorities: [azureCa],
    timeoutMs: 10_000,
    clock,
    metrics: { breaker: () => undefined },
  });
  const results: string[] = [];
  const source = createWorkloadTokenSource({
    assertions: createAssertionSource(tokens, noTokenFile, clock),
    httpClient,
    authorityHost: 'https://login.microsoftonline.com',
    clock,
    metrics: {
      requested: (kind, result) => results.push(`${kind} ${result}`),
      obtained: () => undefined,
    },
  });
  const { metrics } = countingMetrics();
  const reader = createSecretReader({ tokens: source, httpClient, clock, metrics });
  return { clock, tokens: source, reader, results };
}

/** Signs ServiceAccount tokens and publishes the key, as an API server does. */
async function startIssuer() {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const key = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
  const server = await startFakeTlsServer();
  server.answer = ({ url }, response) => {
    const document = { issuer, jwks_uri: `${issuer}/keys` };
    response.end(JSON.stringify(url === '/keys' ? { keys: [key] } : document));
  };
  const tokens: ServiceAccountTokenClient = {
    async request({ namespace, name, uid, audience, expirationSeconds }) {
      const now = Math.floor(Date.now() / 1000);
      const token = await new SignJWT({
        'kubernetes.io': { namespace, serviceaccount: { name, uid } },
      })
        .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
        .setIssuer(issuer)
        .setSubject(`system:serviceaccount:${namespace}:${name}`)
        .setAudience(audience)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + expirationSeconds)
        .sign(privateKey);
      return { token: redact(token), expiresAt: (now + expirationSeconds) * 1000 };
    },
  };
  return { port: server.port, tokens, close: () => server.close() };
}
