import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { startAzureStandIn, type IssuerAccess } from '../testbed/azure/standIn.ts';
import { startLocalControlPlane } from '../testbed/controlPlane/localControlPlane.ts';
import { KubeClient } from '../testbed/kubeClient.ts';
import { nodeAddress } from './node/addresses.ts';
import { startNode } from './node/startNode.ts';
import type { Site } from './site.ts';

/** What tests need of the running cluster; plain, because each test file has a process of its own. */
export interface ClusterAddresses {
  readonly kubeconfig: string;
  readonly issuer: string;
  readonly azure: {
    readonly tenantId: string;
    /** PEM. */
    readonly ca: string;
    readonly adminUrl: string;
    /** As pods reach it. */
    readonly address: string;
  };
}

export interface Cluster {
  readonly addresses: ClusterAddresses;
  /** Lets this process end without it. */
  release(): Promise<void>;
}

/** A whole cluster of one node with its Azure. All of it ends with the namespaces that it runs in. */
export async function startCluster(site: Site, log: (line: string) => void): Promise<Cluster> {
  const controlPlane = await startLocalControlPlane(
    { origin: 'binaries built from Go modules', paths: site.binaries },
    {
      directory: join(site.directory, 'control-plane'),
      forPods: true,
      log,
      onProcess: () => {},
      onContainer: () => {},
      prepare: async () => {},
    },
  );
  log('the control plane is ready');
  const { kubeconfig } = controlPlane;
  const kube = new KubeClient(kubeconfig);
  const access = await issuerAccess(kube, site.directory);
  const azure = await startAzureStandIn({
    directory: join(site.directory, 'azure'),
    podAddress: nodeAddress,
    issuers: [access],
    log,
  });
  const node = await startNode(site, kube, kubeconfig);
  await kube.close();
  log('the node is ready');
  const { tenantId, adminUrl, vaultAddress, caFile } = azure;
  const ca = await readFile(caFile, 'utf8');
  return {
    addresses: {
      kubeconfig,
      issuer: access.issuer,
      azure: { tenantId, ca, adminUrl, address: vaultAddress },
    },
    async release() {
      controlPlane.release();
      for (const component of node) component.release();
      await azure.close();
    },
  };
}

/** Every ServiceAccount may read the keys of the tokens' issuer. */
async function issuerAccess(kube: KubeClient, directory: string): Promise<IssuerAccess> {
  const bearerTokenFile = join(directory, 'issuer.token');
  const token = await kube.requestToken({ namespace: 'default', name: 'default' });
  await writeFile(bearerTokenFile, token, { mode: 0o600 });
  const discovery = await kube.send({ path: '/.well-known/openid-configuration' });
  const { issuer } = z.object({ issuer: z.string() }).parse(discovery);
  const { caFile } = kube.cluster;
  return { issuer, bearerTokenFile, ...(caFile === undefined ? {} : { caFile }) };
}
