import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startAzureStandIn, type AzureStandIn } from '../testbed/azure/standIn.ts';
import { startLocalControlPlane } from '../testbed/controlPlane/localControlPlane.ts';
import { issuerAccess, issuerOf } from '../testbed/issuerAccess.ts';
import { KubeClient } from '../testbed/kubeClient.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { namespaces, serviceAccounts } from '../testbed/kubeResources.ts';
import { nodeAddress } from './node/addresses.ts';
import type { NodeSite } from './node/nodeSite.ts';
import { startNode } from './node/startNode.ts';
import { ourNamespaces } from './ourNamespaces.ts';
import type { RunningCluster, Site } from './site.ts';

/** What tests need of the running cluster; plain, because each test file has a process of its own. */
export interface ClusterAddresses {
  readonly kubeconfig: string;
  readonly issuer: string;
  /** Where this machine plays DNS and the proxy of Services; absent where the cluster has them. */
  readonly serviceAddress?: string;
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

type Log = (line: string) => void;

/** A whole cluster with its Azure. */
export async function startCluster({ directory, place }: Site, log: Log): Promise<Cluster> {
  return place.kind === 'own node'
    ? startOwn({ directory, ...place }, log)
    : useRunning(directory, place, log);
}

/** All of it ends with the namespaces that it runs in. */
async function startOwn(site: NodeSite, log: Log): Promise<Cluster> {
  const { directory, binaries } = site;
  const controlPlane = await startLocalControlPlane(
    { origin: 'binaries built from Go modules', paths: binaries },
    {
      directory: join(directory, 'control-plane'),
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
  const azure = await startAzure(kube, { directory, podAddress: nodeAddress, log });
  const node = await startNode(site, kube, kubeconfig);
  await kube.close();
  log('the node is ready');
  return {
    addresses: { kubeconfig, serviceAddress: nodeAddress, ...azure.addresses },
    async release() {
      controlPlane.release();
      for (const component of node) component.release();
      await azure.standIn.close();
    },
  };
}

async function useRunning(
  directory: string,
  { kubeconfig, hostAddress }: RunningCluster,
  log: Log,
): Promise<Cluster> {
  const kube = new KubeClient(kubeconfig);
  const azure = await startAzure(kube, { directory, podAddress: hostAddress, log });
  return {
    addresses: { kubeconfig, ...azure.addresses },
    async release() {
      for (const name of ourNamespaces) await deleteNamespace(kube, name);
      await Promise.all([kube.close(), azure.standIn.close()]);
    },
  };
}

/** And waits until it is gone, because the next run may follow at once. */
async function deleteNamespace(kube: KubeClient, name: string): Promise<void> {
  await kube.delete(namespaces, { name });
  await untilObject(
    kube,
    namespaces,
    { name },
    {
      what: `namespace ${name} to be gone`,
      timeoutMs: 60_000,
      holds: (namespace) => namespace === undefined,
    },
  );
}

interface Azure {
  readonly standIn: AzureStandIn;
  readonly addresses: Pick<ClusterAddresses, 'issuer' | 'azure'>;
}

async function startAzure(
  kube: KubeClient,
  options: { readonly directory: string; readonly podAddress: string; readonly log: Log },
): Promise<Azure> {
  const { directory } = options;
  const bearerTokenFile = join(directory, 'issuer.token');
  const reader = { namespace: 'default', name: 'default' };
  // A cluster that answers since a moment ago may not have it yet.
  await untilObject(kube, serviceAccounts, reader, { what: 'a ServiceAccount', holds: Boolean });
  const token = await kube.requestToken(reader);
  await writeFile(bearerTokenFile, token, { mode: 0o600 });
  const issuer = await issuerOf(kube);
  const access = await issuerAccess(kube, issuer, { directory, bearerTokenFile });
  const standIn = await startAzureStandIn({
    ...options,
    directory: join(directory, 'azure'),
    issuers: access === undefined ? [] : [access],
  });
  const { tenantId, adminUrl, vaultAddress: address, caFile } = standIn;
  const ca = await readFile(caFile, 'utf8');
  return { standIn, addresses: { issuer, azure: { tenantId, ca, adminUrl, address } } };
}
