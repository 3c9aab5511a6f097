import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { createAdminHandler } from './admin.ts';
import { createAzureHandler, isAzureHost, serviceAt } from './azureHosts.ts';
import { createAzureServer } from './azureServer.ts';
import { createCertificateAuthority } from './certificateAuthority.ts';
import { createTokenProxy, tokenProxyName } from './tokenProxy.ts';
import { createConnectProxy, type ProxyTarget } from './connectProxy.ts';
import { answerHost, hostLatencyMs } from './hostRoutes.ts';
import type { IssuerAccess } from './issuerKeys.ts';
import { conclude } from './outcome.ts';
import { createStandInState, type StandInState } from './standInState.ts';

export type { IssuerAccess } from './issuerKeys.ts';

export interface AzureStandInOptions {
  /** The CA file is written here. */
  directory: string;
  tenantId?: string;
  /** How issuers of federated credentials are reached; others are tried under their public names. */
  issuers?: IssuerAccess[];
  now?: () => number;
  /** 32 lower-case hex digits; random unless given. */
  newVersionId?: () => string;
  log?: (line: string) => void;
  entraLatencyMs?: number;
  vaultLatencyMs?: number;
  /** Of this machine, where pods reach Entra ID and Key Vault; without it nobody from outside does. */
  podAddress?: string;
}

export interface AzureStandIn {
  tenantId: string;
  caFile: string;
  /** JSON API that sets the stage: vaults, identities, grants, objects, faults, counts. */
  adminUrl: string;
  /** Where AZURE_POD_IDENTITY_AUTHORITY_HOST, or IDENTITY_ENDPOINT with its path, point to. */
  imdsEndpoint: string;
  /** host:port that serves login.microsoftonline.com (the same port serves the vaults). */
  entraAddress: string;
  /** host:port that serves *.vault.azure.net. */
  vaultAddress: string;
  /** For HTTPS_PROXY; for HTTP_PROXY too, where instance metadata is asked by its real address. */
  proxyUrl: string;
  /** Of AKS identity bindings, as the variables AZURE_KUBERNETES_* of a pod name it. */
  tokenProxy: { url: string; serverName: string; caFile: string };
  close(): Promise<void>;
}

const defaultTenantId = '72f988bf-0000-4000-8000-2d7cd011db47';

/** Entra ID, Key Vault and IMDS in memory, on free ports, under the real host names. */
export async function startAzureStandIn(options: AzureStandInOptions): Promise<AzureStandIn> {
  const { tenantId = defaultTenantId, issuers = [], now = Date.now, log = () => {} } = options;
  const { entraLatencyMs = 0, vaultLatencyMs = 0, newVersionId = randomVersionId } = options;
  const { podAddress = loopback } = options;
  const state = createStandInState({ tenantId, issuers, now, newVersionId });
  const authority = createCertificateAuthority('vaultsecret test bed CA');
  await mkdir(options.directory, { recursive: true });
  const caFile = join(options.directory, 'azure-ca.crt');
  await writeFile(caFile, authority.certificatePem);
  const arcKey = {
    file: join(options.directory, 'arc-tokens', 'AzureArcSecret.key'),
    content: randomBytes(32).toString('base64url'),
  };
  await mkdir(dirname(arcKey.file), { recursive: true });
  await writeFile(arcKey.file, arcKey.content);

  const handle = createAzureHandler(state, { entraLatencyMs, vaultLatencyMs, log });
  const azure = createAzureServer(state, authority, handle);
  const hostDeps = {
    ...state,
    faults: () => state.hostFaults,
    entraFaults: () => state.entraFaults,
    arcKey,
  };
  const answerImds: RequestListener = (request, response) =>
    conclude(response, answerHost(hostDeps, request), hostLatencyMs(state.hostFaults));
  const imds = createHttpServer(answerImds);
  const bindingAuthority = createCertificateAuthority(
    'vaultsecret test bed CA of identity bindings',
  );
  const tokenProxyCaFile = join(options.directory, 'token-proxy-ca.crt');
  await writeFile(tokenProxyCaFile, bindingAuthority.certificatePem);
  const tokenProxy = createTokenProxy({ ...state, log }, bindingAuthority);
  const admin = createHttpServer(createAdminHandler(state));
  const azurePort = await listen(azure.server, podAddress === loopback ? loopback : '0.0.0.0');
  const targetOf = (host: string, port: number) => proxyTarget(state, host, port, azurePort);
  const proxy = createConnectProxy(targetOf, answerImds);
  const servers = [azure.server, imds, admin, proxy.server, tokenProxy];
  const [imdsPort, adminPort, proxyPort, tokenProxyPort] = await Promise.all(
    [imds, admin, proxy.server, tokenProxy].map((server) => listen(server, loopback)),
  );

  return {
    tenantId,
    caFile,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    imdsEndpoint: `http://127.0.0.1:${imdsPort}`,
    entraAddress: `${podAddress}:${azurePort}`,
    vaultAddress: `${podAddress}:${azurePort}`,
    tokenProxy: {
      url: `https://127.0.0.1:${tokenProxyPort}`,
      serverName: tokenProxyName,
      caFile: tokenProxyCaFile,
    },
    proxyUrl: `http://127.0.0.1:${proxyPort}`,
    async close() {
      proxy.destroyTunnels();
      azure.destroyConnections();
      await Promise.all(servers.map(stop));
      await state.issuerKeys.close();
    },
  };
}

const loopback = '127.0.0.1';
const randomVersionId = (): string => randomBytes(16).toString('hex');

function proxyTarget(
  state: StandInState,
  host: string,
  port: number,
  azurePort: number,
): ProxyTarget {
  if (port !== 443 || !isAzureHost(state, host)) return { kind: 'refused' };
  if (serviceAt(state, host) === undefined) return { kind: 'unknownHost' };
  return { kind: 'connect', port: azurePort };
}

function listen(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, () => resolve(portOf(server.address())));
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
