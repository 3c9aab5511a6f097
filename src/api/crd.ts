import { z } from 'zod';
import { apiVersion, group, version } from './meta.ts';
import {
  clusterVaultConnectionSpecSchema,
  clusterVaultConnectionStatusSchema,
  vaultConnectionSpecSchema,
  vaultConnectionStatusSchema,
} from './vaultConnection.ts';
import { vaultSecretSpecSchema, vaultSecretStatusSchema } from './vaultSecret.ts';

/** A schema node as `kubectl explain` and the API server read it. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly required?: readonly string[];
  readonly [keyword: string]: unknown;
}

/** Trusts what is below: it comes from zod or from the API server. */
export const schemaNode: z.ZodType<SchemaNode> = z.record(z.string(), z.unknown());

/** Structural schema: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema */
export function structuralSchema(schema: z.ZodType): SchemaNode {
  const converted: unknown = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    unrepresentable: 'throw',
    override: ({ jsonSchema }) => {
      // `additionalProperties: false` beside `properties` is not structural; unknown fields are refused by field validation.
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      if (jsonSchema.pattern !== undefined)
        jsonSchema.pattern = jsonSchema.pattern.replaceAll('\\/', '/');
      delete jsonSchema.propertyNames;
    },
  });
  return schemaNode.parse(converted);
}

const column = (name: string, jsonPath: string, description: string, type = 'string') => ({
  name,
  type,
  jsonPath,
  description,
});

interface Names {
  readonly kind: string;
  readonly plural: string;
  readonly shortName: string;
}

interface CustomResource {
  readonly names: Names;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly description: string;
  readonly printerColumns: readonly ReturnType<typeof column>[];
  readonly spec: z.ZodType;
  readonly status: z.ZodType;
}

const readyField = (field: string): string => `.status.conditions[?(@.type=="Ready")].${field}`;
const age = column('Age', '.metadata.creationTimestamp', 'When it was made.', 'date');

const vaultSecret: CustomResource = {
  names: { kind: 'VaultSecret', plural: 'vaultsecrets', shortName: 'vs' },
  scope: 'Namespaced',
  description: 'Names Azure Key Vault objects and the Secret that they become.',
  printerColumns: [
    column('Ready', readyField('status'), 'Whether the Secret is true to Key Vault.'),
    column('Reason', readyField('reason'), 'Why it is ready or not.'),
    column('Secret', '.status.secretName', 'The Secret that was written.'),
    age,
  ],
  spec: vaultSecretSpecSchema,
  status: vaultSecretStatusSchema,
};

const vaultConnection: CustomResource = {
  names: { kind: 'VaultConnection', plural: 'vaultconnections', shortName: 'vc' },
  scope: 'Namespaced',
  description: 'Names a vault for the VaultSecrets of a namespace, and as whom it is read.',
  printerColumns: [
    column('Vault', '.spec.vaultUrl', 'The Key Vault.'),
    column('ServiceAccount', '.spec.serviceAccountName', 'Who reads where nobody else is named.'),
    column('Ready', readyField('status'), 'Whether VaultSecrets can use it.'),
    column('Reason', readyField('reason'), 'Why it is ready or not.'),
    age,
  ],
  spec: vaultConnectionSpecSchema,
  status: vaultConnectionStatusSchema,
};

const clusterVaultConnection: CustomResource = {
  names: { kind: 'ClusterVaultConnection', plural: 'clustervaultconnections', shortName: 'cvc' },
  scope: 'Cluster',
  description: 'Names a vault for several namespaces, and may lend them an identity.',
  printerColumns: [
    column('Vault', '.spec.vaultUrl', 'The Key Vault.'),
    column('Lends', '.spec.lend.identity.kind', 'The identity that is lent, if any.'),
    column('Ready', readyField('status'), 'Whether reading through it works.'),
    column('Reason', readyField('reason'), 'Why it is ready or not.'),
    age,
  ],
  spec: clusterVaultConnectionSpecSchema,
  status: clusterVaultConnectionStatusSchema,
};

/** Without it an object that nobody has looked at yet passes for ready: https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md */
const neverObserved = { observedGeneration: -1 };

export const vaultSecretCrd = () => crdOf(vaultSecret);
export const vaultConnectionCrd = () => crdOf(vaultConnection);
export const clusterVaultConnectionCrd = () => crdOf(clusterVaultConnection);

function crdOf(resource: CustomResource) {
  const { kind, plural, shortName } = resource.names;
  const openAPIV3Schema = {
    type: 'object',
    description: resource.description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: apiVersion },
      kind: { type: 'string', description: kind },
      metadata: { type: 'object' },
      spec: structuralSchema(resource.spec),
      status: { ...structuralSchema(resource.status), default: neverObserved },
    },
  };
  const served = {
    name: version,
    served: true,
    storage: true,
    subresources: { status: {} },
    additionalPrinterColumns: resource.printerColumns,
    schema: { openAPIV3Schema },
  };
  const names = {
    kind,
    listKind: `${kind}List`,
    plural,
    singular: kind.toLowerCase(),
    shortNames: [shortName],
    // Not `secrets`: kubectl 1.32 then lists VaultSecrets, and nothing else, for `kubectl get secrets`.
    categories: ['keyvault'],
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope: resource.scope, names, versions: [served] },
  };
}
