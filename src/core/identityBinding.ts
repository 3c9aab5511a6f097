/**
 * Whom the proxy of AKS lets act as a managed identity that is bound to the cluster: RBAC says it, by this verb on the
 * client id. https://learn.microsoft.com/en-us/azure/aks/identity-bindings
 */
export const identityUse = { group: 'cid.wi.aks.azure.com', verb: 'use-managed-identity' } as const;

interface Named {
  readonly namespace: string;
  readonly name: string;
}

const rbac = 'rbac.authorization.k8s.io';

/** The one source of that right: for `setup`, for the remedies, and for the guide. */
export function identityUseRights(clientId: string, { namespace, name }: Named): readonly object[] {
  const role = `use-mi-${clientId}`;
  return [
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: role },
      rules: [{ apiGroups: [identityUse.group], resources: [clientId], verbs: [identityUse.verb] }],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: `${role}-${namespace}-${name}` },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', namespace, name }],
    },
  ];
}
