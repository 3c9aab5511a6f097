import { readFile } from 'node:fs/promises';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { identityBindingAudience } from '../api/meta.ts';
import {
  createAssertionSource,
  type AssertionSource,
  type ReadTokenFile,
} from '../identity/assertions.ts';
import { createRegistryLogin } from '../identity/containerRegistry.ts';
import { createTokenReader } from '../identity/tokenReader.ts';
import { createVaultReader } from '../keyvault/reader.ts';
import { createVaults, type Vaults } from '../keyvault/vaults.ts';
import { createAzureHttpClient, type AzureHttpClient } from '../net/azureHttpClient.ts';
import { createTokenProxyClient } from '../net/tokenProxyClient.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Options } from '../options/options.ts';
import type { TokenSource } from '../ports/azure.ts';
import type { CertificateExpiries, CredentialClient } from '../ports/credentials.ts';
import type { SourceDeps } from '../reconcilers/fetch.ts';
import type { ServiceAccountTokenClient } from '../ports/secrets.ts';
import type { Clock, Random } from '../ports/system.ts';
import { createTokens } from './tokens.ts';

/** No request to Azure takes longer than this. */
const timeoutMs = 15_000;

export interface KeyVaultParts {
  readonly options: Options;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly serviceAccountTokens: ServiceAccountTokenClient;
  readonly credentials: Pick<CredentialClient, 'read'>;
  readonly certificateExpiries: CertificateExpiries;
}

function tokenFileReader({ controllerIdentity }: Options): ReadTokenFile {
  return async () => readFile(controllerIdentity?.tokenFile ?? '', 'utf8');
}

function tokenProxyOf({ options, clock, metrics }: KeyVaultParts): HttpClient | undefined {
  const { identityBindings } = options;
  if (identityBindings === undefined) return undefined;
  const { caFile, caData } = identityBindings;
  return createTokenProxyClient({
    ...identityBindings,
    readCertificateAuthorities: async () => caData ?? (caFile && readFile(caFile, 'utf8')),
    timeoutMs,
    clock,
    metrics: metrics.net,
  });
}

/** What leads from a ServiceAccount's token to a value, each part usable by itself. */
export interface SourceReaders extends SourceDeps {
  readonly httpClient: AzureHttpClient;
  readonly vaults: Vaults;
  readonly assertions: AssertionSource;
  readonly tokens: TokenSource;
}

export function createSourceReaders(parts: KeyVaultParts): SourceReaders {
  const { options, clock, random, metrics, serviceAccountTokens } = parts;
  const httpClient = createAzureHttpClient({
    resolve: options.resolve,
    certificateAuthorities: options.caFile,
    proxy: options.proxy,
    timeoutMs,
    clock,
    metrics: metrics.net,
  });
  const tokenProxy = tokenProxyOf(parts);
  const assertions = createAssertionSource(serviceAccountTokens, tokenFileReader(options), {
    clock,
    ...(tokenProxy === undefined ? {} : { audience: identityBindingAudience }),
  });
  const tokens = createTokens({ ...parts, httpClient, assertions, tokenProxy });
  const deps = { clock, random, metrics: metrics.keyVault };
  const vaults = createVaults(deps);
  return {
    httpClient,
    vaults,
    assertions,
    tokens,
    reader: createVaultReader({ ...deps, tokens, httpClient, vaults }),
    tokenReader: createTokenReader({
      tokens,
      registryLogin: createRegistryLogin({ tokens, httpClient, clock }),
      clock,
    }),
  };
}
