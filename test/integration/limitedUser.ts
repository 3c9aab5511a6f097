import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeKubeconfig } from '../testbed/kubeconfigFile.ts';
import {
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
  serviceAccounts,
} from '../testbed/kubeResources.ts';
import type { World } from '../testbed/world.ts';

/** A ServiceAccount that sees what the controller must see, and may do in a namespace only what it is given there. */
export interface LimitedUser {
  readonly kubeconfig: string;
  /** As the API server calls it. */
  readonly user: string;
  /** More of the same, also after it has begun. */
  give(namespace: string, ...rights: readonly Right[]): Promise<void>;
  remove(): Promise<void>;
}

export type Right = 'secrets' | 'serviceaccounts/token';

const apiGroup = 'rbac.authorization.k8s.io';
const look = ['get', 'list', 'watch'];
const verbs: Readonly<Record<Right, readonly string[]>> = {
  secrets: ['create', 'patch', 'delete'],
  'serviceaccounts/token': ['create'],
};

export async function createLimitedUser({ kube, stage }: World): Promise<LimitedUser> {
  const namespace = await stage.createNamespace();
  const name = 'limited';
  const clusterName = `limited-${namespace}`;
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  await kube.create(serviceAccounts, { metadata: { namespace, name } });
  await kube.create(clusterRoles, {
    metadata: { name: clusterName },
    rules: [
      { apiGroups: ['vaultsecret.dev'], resources: ['*'], verbs: look },
      { apiGroups: ['vaultsecret.dev'], resources: ['vaultsecrets/status'], verbs: ['patch'] },
      { apiGroups: [''], resources: ['namespaces', 'secrets', 'serviceaccounts'], verbs: look },
      { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
    ],
  });
  await kube.create(clusterRoleBindings, {
    metadata: { name: clusterName },
    roleRef: { apiGroup, kind: 'ClusterRole', name: clusterName },
    subjects,
  });
  const directory = await mkdtemp(join(tmpdir(), 'vaultsecret-limited-'));
  const kubeconfig = join(directory, 'kubeconfig');
  const token = await kube.requestToken({ namespace, name });
  await writeKubeconfig(kubeconfig, kube.cluster, { token });

  return {
    kubeconfig,
    user: `system:serviceaccount:${namespace}:${name}`,
    async give(where, ...rights) {
      const rules = rights.map((right) => ({
        apiGroups: [''],
        resources: [right],
        verbs: verbs[right],
      }));
      const metadata = { namespace: where, name };
      await kube.apply(roles, { metadata, rules });
      const roleRef = { apiGroup, kind: 'Role', name };
      await kube.apply(roleBindings, { metadata, roleRef, subjects });
    },
    async remove() {
      await kube.delete(clusterRoleBindings, { name: clusterName });
      await kube.delete(clusterRoles, { name: clusterName });
      await rm(directory, { recursive: true });
    },
  };
}
