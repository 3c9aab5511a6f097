import { readFileSync } from 'node:fs';
import { z } from 'zod';

const tools = z.object({
  busybox: z.string(),
  helm: z.string(),
  kubectl: z.string(),
  prometheus: z.string(),
  promtool: z.string(),
});

/** A node of this machine, whose whole cluster starts inside its namespaces. */
const ownNode = z.object({
  kind: z.literal('own node'),
  /** Parent of all control groups of pods, from the root of each hierarchy. */
  cgroup: z.string(),
  binaries: z.object({
    cniPlugins: z.string(),
    'containerd-shim-runc-v2': z.string(),
    containerd: z.string(),
    ctr: z.string(),
    etcd: z.string(),
    'kube-apiserver': z.string(),
    'kube-controller-manager': z.string(),
    'kube-scheduler': z.string(),
    kubelet: z.string(),
    runc: z.string(),
  }),
  /** Archives to import into containerd. */
  images: z.array(z.string()),
});

/** A cluster that runs already, with our images on its nodes. */
const runningCluster = z.object({
  kind: z.literal('running cluster'),
  /** Absolute; of an administrator. */
  kubeconfig: z.string(),
  /** Of this machine, as pods reach it. */
  hostAddress: z.string(),
});

/** What is prepared before the tests start, and where they run. */
const siteSchema = z.object({
  /** Absolute; everything of the run is below it. */
  directory: z.string(),
  tools,
  place: z.discriminatedUnion('kind', [ownNode, runningCluster]),
});

export type Site = z.infer<typeof siteSchema>;
export type Tools = z.infer<typeof tools>;
export type OwnNode = z.infer<typeof ownNode>;
export type RunningCluster = z.infer<typeof runningCluster>;

/** Names the file for the processes of the tests. */
export const siteVariable = 'VAULTSECRET_E2E_SITE';

export function readSite(): Site {
  const file = process.env[siteVariable];
  if (file === undefined) throw new Error('these tests need a cluster: start them by npm run e2e');
  return siteSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
