import type { OpenedDoctor } from '../cli/doctor/doctor.ts';
import { createCertificateExpiries } from '../identity/certificateExpiries.ts';
import { probeVault } from '../keyvault/probe.ts';
import { createClusterReader } from '../kube/clusterReader.ts';
import { loadKubeConfig } from '../kube/config.ts';
import { createCredentialClient } from '../kube/credentials.ts';
import { createApiClient } from '../kube/request.ts';
import { createServiceAccountTokenClient } from '../kube/serviceAccountTokens.ts';
import { withResolveRules, type HostNames } from '../net/hostNames.ts';
import { createMetrics } from '../observability/metrics.ts';
import type { Options } from '../options/options.ts';
import { version } from '../version.ts';
import { createSourceReaders } from './keyVault.ts';
import type { System } from './system.ts';

type DoctorSystem = Pick<System, 'clock' | 'random'> & { readonly hostNames: HostNames };

/** The adapters of the controller, with the rights of the caller. @throws KubeConfigError */
export function openDoctor(options: Options, system: DoctorSystem): OpenedDoctor {
  const config = loadKubeConfig(options.kubeconfig, system.clock, options.context);
  const api = createApiClient(config);
  const { httpClient, ...access } = createSourceReaders({
    options,
    ...system,
    metrics: createMetrics(version),
    serviceAccountTokens: createServiceAccountTokenClient(api),
    credentials: createCredentialClient(api),
    certificateExpiries: createCertificateExpiries(),
  });
  return {
    namespace: config.namespace(),
    tools: {
      ...access,
      cluster: createClusterReader(api),
      probe: (place) => probeVault(httpClient, place),
      hostNames: withResolveRules(system.hostNames, options.resolve),
      clock: system.clock,
      defaultTenantId: options.azureTenantId,
      homeCloud: options.homeCloud,
    },
  };
}
