import { readFileSync } from 'node:fs';
import { z } from 'zod';

const binaries = z.object({
  busybox: z.string(),
  cniPlugins: z.string(),
  'containerd-shim-runc-v2': z.string(),
  containerd: z.string(),
  ctr: z.string(),
  etcd: z.string(),
  helm: z.string(),
  'kube-apiserver': z.string(),
  'kube-controller-manager': z.string(),
  'kube-scheduler': z.string(),
  kubectl: z.string(),
  kubelet: z.string(),
  prometheus: z.string(),
  promtool: z.string(),
  runc: z.string(),
});

/** What is prepared before the namespaces are entered, where there is a network. */
const siteSchema = z.object({
  /** Absolute; everything of the run is below it. */
  directory: z.string(),
  /** Parent of all control groups of pods, from the root of each hierarchy. */
  cgroup: z.string(),
  binaries,
  /** Archives to import into containerd. */
  images: z.array(z.string()),
});

export type Site = z.infer<typeof siteSchema>;
export type E2eBinaries = z.infer<typeof binaries>;

/** Names the file for the processes inside the namespaces. */
export const siteVariable = 'VAULTSECRET_E2E_SITE';

export function readSite(): Site {
  const file = process.env[siteVariable];
  if (file === undefined) throw new Error('these tests need a node: start them by npm run e2e');
  return siteSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
