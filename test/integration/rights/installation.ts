import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeClient, type ObjectName } from '../../testbed/kubeClient.ts';
import { writeKubeconfig } from '../../testbed/kubeconfigFile.ts';
import {
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
  serviceAccounts,
} from '../../testbed/kubeResources.ts';
import type { World } from '../../testbed/world.ts';
import { rightsHeld, rightsIn, type Right, type RuleFile } from './ruleFiles.ts';

export interface InstallationOptions {
  /** To work in these; absent: in all. */
  readonly namespaces?: readonly string[];
  /** The right that is left out. */
  readonly without?: { readonly file: RuleFile; readonly line: string };
  /** A kubeconfig of the way to the API server. */
  readonly way: string;
}

/** A ServiceAccount with the rights of the chart, all but one perhaps, in a namespace of its own. */
export interface Installation {
  readonly namespace: string;
  /** As the API server calls it. */
  readonly user: string;
  readonly kubeconfig: string;
  remove(): Promise<void>;
}

const name = 'controller';
const apiGroup = 'rbac.authorization.k8s.io';

export async function install(world: World, options: InstallationOptions): Promise<Installation> {
  const { kube, stage } = world;
  const namespace = await stage.createNamespace();
  const lists = rightLists(options);
  await kube.create(serviceAccounts, { metadata: { namespace, name } });
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  await bindInNamespaces(world, subjects, [namespace], lists.own);
  await bindInCluster(world, subjects, lists.ofCluster);
  await bindInNamespaces(world, subjects, options.namespaces ?? [], lists.inNamespaces);

  const directory = await mkdtemp(join(tmpdir(), 'vaultsecret-rights-'));
  const kubeconfig = join(directory, 'kubeconfig');
  const way = new KubeClient(options.way);
  const token = await kube.requestToken({ namespace, name });
  await writeKubeconfig(kubeconfig, way.cluster, { token });
  await way.close();
  const { own, ofCluster, inNamespaces } = lists;
  await untilHeld(kubeconfig, namespace, [...own, ...ofCluster]);
  for (const one of options.namespaces ?? [])
    await untilHeld(kubeconfig, one, [...inNamespaces, ...ofCluster]);
  return {
    namespace,
    user: `system:serviceaccount:${namespace}:${name}`,
    kubeconfig,
    async remove() {
      await kube.delete(clusterRoleBindings, { name: namespace });
      await kube.delete(clusterRoles, { name: namespace });
      await rm(directory, { recursive: true });
    },
  };
}

function rightLists({ namespaces, without }: InstallationOptions) {
  const rightsLeft = (file: RuleFile): readonly Right[] =>
    rightsIn(file).filter(({ line }) => file !== without?.file || line !== without.line);
  const inNamespaces = rightsLeft('namespace-role-rules');
  const everywhere = [...rightsLeft('cluster-role-rules'), ...inNamespaces];
  const reviews = rightsLeft('metrics-review-rules');
  return {
    own: rightsLeft('role-rules'),
    inNamespaces,
    ofCluster: namespaces === undefined ? [...everywhere, ...reviews] : reviews,
  };
}

/** The ClusterRole is called as the namespace of the installation. */
async function bindInCluster(
  { kube }: World,
  subjects: readonly { readonly namespace: string }[],
  rights: readonly Right[],
): Promise<void> {
  const metadata = { name: subjects[0]?.namespace ?? '' };
  await kube.create(clusterRoles, { metadata, rules: rights.map(({ rule }) => rule) });
  const roleRef = { apiGroup, kind: 'ClusterRole', name: metadata.name };
  await kube.create(clusterRoleBindings, { metadata, roleRef, subjects });
}

async function bindInNamespaces(
  { kube }: World,
  subjects: readonly object[],
  namespaces: readonly string[],
  rights: readonly Right[],
): Promise<void> {
  for (const namespace of namespaces) {
    const metadata = { namespace, name };
    await kube.create(roles, { metadata, rules: rights.map(({ rule }) => rule) });
    const roleRef = { apiGroup, kind: 'Role', name };
    await kube.create(roleBindings, { metadata, roleRef, subjects });
  }
}

/** A new role counts a moment after it was made. @throws Error when it is not exactly these after a while */
async function untilHeld(
  kubeconfig: string,
  namespace: string,
  rights: readonly Right[],
): Promise<void> {
  const user = new KubeClient(kubeconfig);
  const wanted = rights.map(({ line }) => line);
  const signal = AbortSignal.timeout(5_000);
  try {
    for (;;) {
      const held = await rightsHeld(user, namespace);
      if (held.size === wanted.length && wanted.every((line) => held.has(line))) return;
      if (signal.aborted) throw new Error(`rights other than given: ${[...held].join(', ')}`);
      await sleep(20);
    }
  } finally {
    await user.close();
  }
}

/** The Lease of an installation. */
export function leaseOf({ namespace }: Installation): ObjectName & { readonly namespace: string } {
  return { namespace, name: 'vaultsecret' };
}
