import { z } from 'zod';
import { apiVersion } from '../../src/api/meta.ts';
import {
  clusterVaultConnectionSpecSchema,
  clusterVaultConnectionStatusSchema,
  vaultConnectionSpecSchema,
  vaultConnectionStatusSchema,
} from '../../src/api/vaultConnection.ts';
import { vaultSecretSpecSchema, vaultSecretStatusSchema } from '../../src/api/vaultSecret.ts';

const names = z.record(z.string(), z.string());

const metadata = z.looseObject({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.number().optional(),
  creationTimestamp: z.string(),
  deletionTimestamp: z.string().optional(),
  labels: names.default({}),
  annotations: names.default({}),
  finalizers: z.array(z.string()).default([]),
  ownerReferences: z
    .array(
      z.looseObject({
        apiVersion: z.string(),
        kind: z.string(),
        name: z.string(),
        uid: z.string(),
      }),
    )
    .default([]),
  managedFields: z
    .array(
      z.looseObject({
        manager: z.string().optional(),
        operation: z.string(),
        subresource: z.string().optional(),
        time: z.string().optional(),
        fieldsV1: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .default([]),
});

const kubeObject = z.looseObject({ metadata });

export type KubeObject = z.infer<typeof kubeObject>;

/** A resource type of the API server and how its objects are read. */
export interface Resource<T extends KubeObject = KubeObject> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly isNamespaced: boolean;
  readonly schema: z.ZodType<T>;
}

function resource<T extends KubeObject>(
  at: Omit<Resource, 'schema' | 'isNamespaced'> & { isNamespaced?: boolean },
  schema: z.ZodType<T>,
): Resource<T> {
  return { isNamespaced: true, ...at, schema };
}

const core = (kind: string, plural: string) => ({ apiVersion: 'v1', kind, plural });
const rbac = (kind: string, plural: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  plural,
});

export const namespaces = resource(
  { ...core('Namespace', 'namespaces'), isNamespaced: false },
  kubeObject,
);
export const serviceAccounts = resource(core('ServiceAccount', 'serviceaccounts'), kubeObject);
export const configMaps = resource(
  core('ConfigMap', 'configmaps'),
  kubeObject.extend({ data: names.default({}) }),
);
export const secrets = resource(
  core('Secret', 'secrets'),
  kubeObject.extend({
    type: z.string(),
    immutable: z.boolean().optional(),
    /** Base64. */
    data: names.default({}),
  }),
);
const conditioned = kubeObject.extend({
  status: z
    .looseObject({
      conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).default([]),
    })
    .default({ conditions: [] }),
});
export const nodes = resource({ ...core('Node', 'nodes'), isNamespaced: false }, conditioned);
export const pods = resource(
  core('Pod', 'pods'),
  conditioned.extend({
    spec: z.looseObject({ nodeName: z.string().optional() }),
    status: conditioned.shape.status.unwrap().extend({
      podIP: z.string().optional(),
      containerStatuses: z
        .array(
          z.looseObject({
            containerID: z.string().optional(),
            state: z.looseObject({
              running: z.looseObject({ startedAt: z.string() }).optional(),
            }),
            restartCount: z.number(),
            ready: z.boolean(),
          }),
        )
        .default([]),
    }),
  }),
);
export const resourceQuotas = resource(core('ResourceQuota', 'resourcequotas'), kubeObject);
export const leases = resource(
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases' },
  kubeObject.extend({ spec: z.looseObject({ holderIdentity: z.string().optional() }) }),
);
export const events = resource(
  { apiVersion: 'events.k8s.io/v1', kind: 'Event', plural: 'events' },
  kubeObject.extend({
    type: z.string(),
    reason: z.string(),
    note: z.string().default(''),
    regarding: z.looseObject({ kind: z.string(), name: z.string() }),
    series: z.looseObject({ count: z.number() }).optional(),
  }),
);
export const clusterRoles = resource(
  { ...rbac('ClusterRole', 'clusterroles'), isNamespaced: false },
  kubeObject,
);
export const clusterRoleBindings = resource(
  { ...rbac('ClusterRoleBinding', 'clusterrolebindings'), isNamespaced: false },
  kubeObject,
);
export const roles = resource(rbac('Role', 'roles'), kubeObject);
export const roleBindings = resource(rbac('RoleBinding', 'rolebindings'), kubeObject);
const admission = (kind: string, plural: string) =>
  resource(
    { apiVersion: 'admissionregistration.k8s.io/v1', kind, plural, isNamespaced: false },
    kubeObject,
  );

export const validatingAdmissionPolicies = admission(
  'ValidatingAdmissionPolicy',
  'validatingadmissionpolicies',
);
export const validatingAdmissionPolicyBindings = admission(
  'ValidatingAdmissionPolicyBinding',
  'validatingadmissionpolicybindings',
);
export const mutatingAdmissionPolicies = admission(
  'MutatingAdmissionPolicy',
  'mutatingadmissionpolicies',
);
export const mutatingAdmissionPolicyBindings = admission(
  'MutatingAdmissionPolicyBinding',
  'mutatingadmissionpolicybindings',
);
export const validatingWebhookConfigurations = admission(
  'ValidatingWebhookConfiguration',
  'validatingwebhookconfigurations',
);
export const customResourceDefinitions = resource(
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    isNamespaced: false,
  },
  kubeObject.extend({
    status: z
      .looseObject({
        conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).nullish(),
      })
      .optional(),
  }),
);
export const vaultSecrets = resource(
  { apiVersion, kind: 'VaultSecret', plural: 'vaultsecrets' },
  kubeObject.extend({ spec: vaultSecretSpecSchema, status: vaultSecretStatusSchema.optional() }),
);

export const vaultConnections = resource(
  { apiVersion, kind: 'VaultConnection', plural: 'vaultconnections' },
  kubeObject.extend({
    spec: vaultConnectionSpecSchema,
    status: vaultConnectionStatusSchema.optional(),
  }),
);
export const clusterVaultConnections = resource(
  {
    apiVersion,
    kind: 'ClusterVaultConnection',
    plural: 'clustervaultconnections',
    isNamespaced: false,
  },
  kubeObject.extend({
    spec: clusterVaultConnectionSpecSchema,
    status: clusterVaultConnectionStatusSchema.optional(),
  }),
);

export type Pod = z.infer<typeof pods.schema>;
export type Secret = z.infer<typeof secrets.schema>;
export type VaultSecret = z.infer<typeof vaultSecrets.schema>;

/** The type of an object that is only applied and deleted; its plural is regular. */
export function kubeObjects(manifest: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace?: string | undefined };
}): Resource {
  const {
    apiVersion: version,
    kind,
    metadata: { namespace },
  } = manifest;
  const word = kind.toLowerCase();
  const plural = word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`;
  return {
    apiVersion: version,
    kind,
    plural,
    isNamespaced: namespace !== undefined,
    schema: kubeObject,
  };
}
