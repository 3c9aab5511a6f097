import type { Identity, LentManagedIdentity } from '../core/observed/identity.ts';
import { createManagedIdentityExchange } from '../identity/managedIdentity.ts';
import {
  createServicePrincipalExchange,
  type ServicePrincipalDeps,
} from '../identity/servicePrincipal.ts';
import { createTokenSource } from '../identity/tokenSource.ts';
import { createWorkloadExchange, type WorkloadExchangeDeps } from '../identity/workloadIdentity.ts';
import { createInstanceMetadataClient } from '../net/instanceMetadataClient.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Options } from '../options/options.ts';
import type { TokenSource } from '../ports/azure.ts';
import type { Clock } from '../ports/system.ts';

/** It answers from the same host, mostly from memory; the old Pod Identity holds a request for over a minute. */
const metadataTimeoutMs = 10_000;

export interface TokenParts
  extends
    Pick<WorkloadExchangeDeps, 'assertions' | 'httpClient' | 'tokenProxy'>,
    Pick<ServicePrincipalDeps, 'credentials' | 'certificateExpiries'> {
  readonly options: Pick<Options, 'instanceMetadataEndpoint'>;
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, 'token' | 'net'>;
}

/** Each kind of identity gets its tokens in its own way, and in no other. */
export function createTokens(parts: TokenParts): TokenSource {
  const entra = createEntraTokens(parts);
  const host = createHostTokens(parts);
  return {
    async acquire(request) {
      const { identity } = request;
      return identity.kind === 'managedIdentity'
        ? host.acquire({ ...request, identity })
        : entra.acquire({ ...request, identity });
    },
  };
}

/** For identities that authenticate to Microsoft Entra ID. */
function createEntraTokens({ metrics, ...deps }: TokenParts) {
  const federated = createWorkloadExchange(deps);
  const stored = createServicePrincipalExchange(deps);
  return createTokenSource<Exclude<Identity, LentManagedIdentity>>({
    async exchange(request) {
      const { identity } = request;
      return 'credential' in identity
        ? stored({ ...request, identity })
        : federated({ ...request, identity });
    },
    clock: deps.clock,
    metrics: metrics.token,
  });
}

/** For managed identities of the host. */
function createHostTokens({ options, clock, metrics }: TokenParts) {
  const { instanceMetadataEndpoint: endpoint } = options;
  const service = { endpoint, timeoutMs: metadataTimeoutMs };
  const httpClient = createInstanceMetadataClient({ ...service, clock, metrics: metrics.net });
  return createTokenSource({
    exchange: createManagedIdentityExchange({ ...service, httpClient }),
    clock,
    metrics: metrics.token,
  });
}
