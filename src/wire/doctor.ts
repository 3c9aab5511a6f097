import { identityBindingAudience } from '../api/meta.ts';
import type { OpenedDoctor } from '../cli/doctor/doctor.ts';
import { seeController } from '../cli/seenController.ts';
import { createAssertionSource } from '../identity/assertions.ts';
import { createCertificateExpiries } from '../identity/certificateExpiries.ts';
import { probeVault } from '../keyvault/probe.ts';
import { createClusterReader } from '../kube/clusterReader.ts';
import { loadKubeConfig } from '../kube/config.ts';
import { createCredentialClient } from '../kube/credentials.ts';
import { mayUseIdentity } from '../kube/identityUse.ts';
import { createApiClient } from '../kube/request.ts';
import { createServiceAccountTokenClient } from '../kube/serviceAccountTokens.ts';
import { withResolveRules, type HostNames } from '../net/hostNames.ts';
import { createMetrics } from '../observability/metrics.ts';
import type { Options } from '../options/options.ts';
import { version } from '../version.ts';
import { createSourceReaders } from './keyVault.ts';
import type { System } from './system.ts';

type DoctorSystem = Pick<System, 'clock' | 'random'> & { readonly hostNames: HostNames };

/** The doctor is nobody's pod. */
const noTokenFile = (): Promise<string> => Promise.reject(new Error('no token file'));

/** The adapters of the controller, with the rights of the caller. @throws KubeConfigError */
export function openDoctor(options: Options, system: DoctorSystem): OpenedDoctor {
  const config = loadKubeConfig(options.kubeconfig, system.clock, options.context);
  const api = createApiClient(config);
  const serviceAccountTokens = createServiceAccountTokenClient(api);
  const { httpClient, ...access } = createSourceReaders({
    options,
    ...system,
    metrics: createMetrics(version, system.clock),
    serviceAccountTokens,
    credentials: createCredentialClient(api),
    certificateExpiries: createCertificateExpiries(),
  });
  return {
    namespace: config.namespace(),
    tools: {
      ...access,
      bindingAssertions: createAssertionSource(serviceAccountTokens, noTokenFile, {
        clock: system.clock,
        audience: identityBindingAudience,
      }),
      controllerOf: (vaultSecret) => seeController(api, vaultSecret),
      mayUseIdentity: (serviceAccount, clientId) => mayUseIdentity(api, serviceAccount, clientId),
      cluster: createClusterReader(api),
      probe: (place) => probeVault(httpClient, place),
      hostNames: withResolveRules(system.hostNames, options.resolve),
      clock: system.clock,
      defaultTenantId: options.azureTenantId,
      homeCloud: options.homeCloud,
    },
  };
}
