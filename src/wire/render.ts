import { readFile } from 'node:fs/promises';
import type { RenderTools } from '../cli/render/render.ts';
import { ReconcileError } from '../core/errors/errors.ts';
import { ownAssertion, type AssertionSource } from '../identity/assertions.ts';
import {
  createFederatedHostTokens,
  createManagedHostTokens,
  type AssignedName,
  type FederatedHostDeps,
  type HostTokens,
} from '../identity/hostIdentity.ts';
import { createRegistryLogin } from '../identity/containerRegistry.ts';
import { createTokenReader } from '../identity/tokenReader.ts';
import { createVaultReader } from '../keyvault/reader.ts';
import { createVaults } from '../keyvault/vaults.ts';
import { createAzureHttpClient } from '../net/azureHttpClient.ts';
import { createHostEndpointClient } from '../net/hostEndpointClient.ts';
import { createMetrics } from '../observability/metrics.ts';
import type { Options } from '../options/options.ts';
import { version } from '../version.ts';
import type { System } from './system.ts';

/** No request to Azure takes longer than this. */
const timeoutMs = 15_000;
/** What answers is on this host; the old Pod Identity holds a request for over a minute. */
const hostTimeoutMs = 10_000;

type RenderSystem = Pick<System, 'clock' | 'random'>;

/** From the identity of this host to a value, by the adapters of the controller. */
export function openRender(
  options: Options,
  assigned: AssignedName | undefined,
  { clock, random }: RenderSystem,
): RenderTools {
  const metrics = createMetrics(version, clock);
  const httpClient = createAzureHttpClient({
    resolve: options.resolve,
    certificateAuthorities: options.caFile,
    proxy: options.proxy,
    timeoutMs,
    clock,
    metrics: metrics.net,
  });
  return {
    homeCloud: options.homeCloud,
    hostTokens: (cloud) =>
      federatedTokens(options, assigned, { httpClient, clock, cloud }) ??
      createManagedHostTokens({
        httpClient: createHostEndpointClient(hostTimeoutMs, clock),
        assigned,
        clock,
      }),
    openReaders(tokens) {
      const deps = { clock, random, metrics: metrics.keyVault };
      return {
        reader: createVaultReader({ ...deps, tokens, httpClient, vaults: createVaults(deps) }),
        tokenReader: createTokenReader({
          tokens,
          registryLogin: createRegistryLogin({ tokens, httpClient, clock }),
          clock,
        }),
      };
    },
    clock,
  };
}

/** Where the workload identity webhook has put a token file, unless a managed identity of the node is named. */
function federatedTokens(
  { controllerIdentity, azureTenantId: tenantId }: Options,
  assigned: AssignedName | undefined,
  deps: Pick<FederatedHostDeps, 'httpClient' | 'clock' | 'cloud'>,
): HostTokens | undefined {
  const isOther = assigned !== undefined && assigned.by !== 'clientId';
  if (controllerIdentity === undefined || isOther) return undefined;
  const { clientId, tokenFile } = controllerIdentity;
  if (tenantId === undefined)
    return async () => {
      throw new ReconcileError('HostTenantMissing', { details: {} });
    };
  return createFederatedHostTokens({
    ...deps,
    assertions: assertionsOf(tokenFile),
    clientId: assigned?.id ?? clientId,
    tenantId,
  });
}

function assertionsOf(tokenFile: string): AssertionSource {
  return {
    acquire: () =>
      ownAssertion(() => readFile(tokenFile, 'utf8')).catch((thrown: unknown) => {
        const cause =
          thrown instanceof ReconcileError ? (thrown.details['cause'] ?? '') : 'unknown';
        throw new ReconcileError('HostTokenFileUnreadable', { details: { cause } });
      }),
    forget: () => undefined,
  };
}
