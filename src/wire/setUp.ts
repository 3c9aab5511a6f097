import type { SetUpCluster } from '../cli/setup/fromCluster.ts';
import { seeController } from '../cli/seenController.ts';
import { createClusterReader } from '../kube/clusterReader.ts';
import { loadKubeConfig } from '../kube/config.ts';
import { issuerOfCluster } from '../kube/issuer.ts';
import { createApiClient } from '../kube/request.ts';
import type { Options } from '../options/options.ts';
import type { System } from './system.ts';

/** @throws KubeConfigError */
export function openSetUp(options: Options, { clock }: Pick<System, 'clock'>): SetUpCluster {
  const config = loadKubeConfig(options.kubeconfig, clock, options.context);
  const api = createApiClient(config);
  return {
    namespace: config.namespace(),
    reader: createClusterReader(api),
    issuer: () => issuerOfCluster(api),
    controllerOf: (vaultSecret) => seeController(api, vaultSecret),
  };
}
