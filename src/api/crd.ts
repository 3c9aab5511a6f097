import { z } from 'zod';
import { apiVersion, group, version } from './meta.ts';
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

const schemaNode: z.ZodType<SchemaNode> = z.record(z.string(), z.unknown());

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

const names = {
  kind: 'VaultSecret',
  listKind: 'VaultSecretList',
  plural: 'vaultsecrets',
  singular: 'vaultsecret',
  shortNames: ['vs'],
  // Not `secrets`: kubectl 1.32 then lists VaultSecrets, and nothing else, for `kubectl get secrets`.
  categories: ['keyvault'],
};

const readyField = (field: string): string => `.status.conditions[?(@.type=="Ready")].${field}`;

const printerColumns = [
  column('Ready', readyField('status'), 'Whether the Secret is true to Key Vault.'),
  column('Reason', readyField('reason'), 'Why it is ready or not.'),
  column('Secret', '.status.secretName', 'The Secret that was written.'),
  column('Age', '.metadata.creationTimestamp', 'When the VaultSecret was made.', 'date'),
];

/** Without it a VaultSecret that nobody has looked at yet passes for ready: https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md */
const neverObserved = { observedGeneration: -1 };

export function vaultSecretCrd() {
  const openAPIV3Schema = {
    type: 'object',
    description: 'Names Azure Key Vault objects and the Secret that they become.',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: apiVersion },
      kind: { type: 'string', description: names.kind },
      metadata: { type: 'object' },
      spec: structuralSchema(vaultSecretSpecSchema),
      status: { ...structuralSchema(vaultSecretStatusSchema), default: neverObserved },
    },
  };
  const served = {
    name: version,
    served: true,
    storage: true,
    subresources: { status: {} },
    additionalPrinterColumns: printerColumns,
    schema: { openAPIV3Schema },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.${group}` },
    spec: { group, scope: 'Namespaced', names, versions: [served] },
  };
}
