import { z } from 'zod';
import { celRules } from './cel.ts';
import { conditionsSchema } from './condition.ts';
import { objectName } from './objectName.ts';
import { servicePrincipal } from './servicePrincipal.ts';
import { uuid } from './uuid.ts';
import { vaultUrl } from './vaultUrl.ts';

const tenantId = uuid().describe(
  'Tenant of the identity, where its ServiceAccount names none. Default: the tenant of the controller.',
);

export const vaultConnectionSpecSchema = z
  .strictObject({
    vaultUrl: vaultUrl(),
    tenantId: tenantId.optional(),
    serviceAccountName: objectName()
      .optional()
      .describe('ServiceAccount of this namespace that reads for VaultSecrets which name none.'),
    clientId: uuid()
      .optional()
      .describe('Client id for serviceAccountName, instead of the one that its annotation names.'),
    servicePrincipal: servicePrincipal.optional(),
  })
  .meta(
    celRules(
      {
        rule: '!has(self.clientId) || has(self.serviceAccountName)',
        message:
          'needs serviceAccountName beside it: a client id alone would be an identity of nobody',
        fieldPath: '.clientId',
      },
      {
        rule: '!has(self.servicePrincipal) || !(has(self.serviceAccountName) || has(self.tenantId))',
        message:
          'stands alone: serviceAccountName, clientId and tenantId are for workload identity',
        fieldPath: '.servicePrincipal',
      },
    ),
  )
  .describe('A vault, and as whom this namespace reads it.');

export const namespacePlaceholder = '{namespace}';

const objectPattern = z
  .string()
  .min(1)
  .max(127)
  .regex(/^([0-9a-zA-Z*-]|[{]namespace[}])+$/)
  .describe('Names of objects: * stands for any text, {namespace} for the namespace that reads.');

const namespaceSelector = z
  .strictObject({
    matchLabels: z
      .record(z.string(), z.string().max(63))
      .meta({ minProperties: 1, maxProperties: 16 })
      .describe('Labels that the namespace must have, all of them.'),
  })
  .describe(
    'Namespaces by label. This is a grant to whoever may label namespaces; a condition says so.',
  );

const allowedNamespaces = z
  .strictObject({
    names: z
      .array(objectName().max(63))
      .min(1)
      .max(256)
      .meta({ 'x-kubernetes-list-type': 'set' })
      .optional()
      .describe('Namespaces by name.'),
    selector: namespaceSelector.optional(),
  })
  .meta(
    celRules({ rule: 'has(self.names) || has(self.selector)', message: 'must name namespaces' }),
  )
  .describe('Which namespaces may use the connection. No other can.');

const lend = z
  .strictObject({
    identity: z
      .strictObject({
        kind: z
          .enum(['ControllerWorkloadIdentity'])
          .describe("The controller pod's own workload identity."),
      })
      .describe('Which identity is lent.'),
    objectPatterns: z
      .array(objectPattern)
      .min(1)
      .max(32)
      .describe(
        'Objects that may be read with it. With more than one namespace each pattern must contain {namespace}.',
      ),
    sharedByAll: z
      .boolean()
      .optional()
      .describe('true lets every allowed namespace read the same objects.'),
  })
  .describe(
    'Lends an identity to VaultSecrets that name no ServiceAccount. Without it the connection names only the vault.',
  );

export const clusterVaultConnectionSpecSchema = z
  .strictObject({
    vaultUrl: vaultUrl(),
    tenantId: tenantId.optional(),
    allowedNamespaces,
    lend: lend.optional(),
  })
  .meta(
    celRules({
      rule: `!has(self.lend) || (has(self.lend.sharedByAll) && self.lend.sharedByAll) || (!has(self.allowedNamespaces.selector) && has(self.allowedNamespaces.names) && size(self.allowedNamespaces.names) == 1) || self.lend.objectPatterns.all(pattern, pattern.contains('${namespacePlaceholder}'))`,
      message: `must contain ${namespacePlaceholder}, because more than one namespace is allowed; or set sharedByAll: true`,
      fieldPath: '.lend.objectPatterns',
    }),
  )
  .describe('A vault for several namespaces, and perhaps an identity lent to them.');

export const clusterVaultConnectionStatusSchema = z
  .strictObject({
    observedGeneration: z
      .int()
      .optional()
      .describe('Generation of the spec that was last acted on.'),
    conditions: conditionsSchema
      .optional()
      .describe('Ready; GrantedByLabel while a selector decides who may use the connection.'),
  })
  .describe('What the controller last saw.');

export type VaultConnectionSpec = z.infer<typeof vaultConnectionSpecSchema>;
export type ClusterVaultConnectionSpec = z.infer<typeof clusterVaultConnectionSpecSchema>;
export type ClusterVaultConnectionStatus = z.infer<typeof clusterVaultConnectionStatusSchema>;
