import { z } from 'zod';
import { tokenResource } from './accessToken.ts';
import { celRules } from './cel.ts';
import { cloudOf, cloudSchema, vaultFitsCloud } from './cloud.ts';
import { conditionsSchema } from './condition.ts';
import { matching } from './matching.ts';
import { objectName } from './objectName.ts';
import { servicePrincipal } from './servicePrincipal.ts';
import { uuid } from './uuid.ts';
import { vaultUrl, vaultUrlOfAnyCloud } from './vaultUrl.ts';

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

const objectPattern = matching({
  pattern: /^([0-9a-zA-Z*-]|[{]namespace[}])+$/,
  problem: 'must be letters, digits, "-", "*" and {namespace}: names of Key Vault have no others',
  min: 1,
  max: 127,
}).describe('Names of objects: * stands for any text, {namespace} for the namespace that reads.');

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

/** RE2 and ECMAScript alike: ids of Azure compare without case. */
const userAssignedResource =
  /^\/subscriptions\/[^/]+\/[rR]esource[gG]roups\/[^/]+\/providers\/[mM]icrosoft[.][mM]anaged[iI]dentity\/[uU]ser[aA]ssigned[iI]dentities\/[^/]+$/;

const oneIdProblem =
  'needs exactly one of clientId, objectId and resourceId with kind UserAssignedIdentity, and none with another kind';

const lendableIdentity = z
  .strictObject({
    kind: z
      .enum(['ControllerWorkloadIdentity', 'SystemAssignedIdentity', 'UserAssignedIdentity'])
      .describe(
        "ControllerWorkloadIdentity: the controller pod's own workload identity. The others are managed identities of the host on which the controller runs: a virtual machine, a scale set, an AKS node.",
      ),
    clientId: uuid().optional().describe('Client id of the user-assigned identity.'),
    objectId: uuid()
      .optional()
      .describe('Object id, also called principal id, of the user-assigned identity.'),
    resourceId: matching({
      pattern: userAssignedResource,
      problem:
        'must be the resource id of a user-assigned identity, as this prints it: az identity show --query id',
      max: 512,
    })
      .optional()
      .describe(
        'Resource id of the user-assigned identity, as az identity show --query id prints it.',
      ),
  })
  .refine(
    ({ kind, clientId, objectId, resourceId }) =>
      [clientId, objectId, resourceId].filter((id) => id !== undefined).length ===
      (kind === 'UserAssignedIdentity' ? 1 : 0),
    { error: oneIdProblem },
  )
  .meta(
    celRules({
      rule: "[has(self.clientId), has(self.objectId), has(self.resourceId)].filter(given, given).size() == (self.kind == 'UserAssignedIdentity' ? 1 : 0)",
      message: oneIdProblem,
    }),
  )
  .describe('Which identity is lent.');

export type LendableIdentity = z.infer<typeof lendableIdentity>;

const lend = z
  .strictObject({
    identity: lendableIdentity,
    objectPatterns: z
      .array(objectPattern)
      .min(1)
      .max(32)
      .describe(
        'Objects that may be read with it. With more than one namespace each pattern must contain {namespace}. Over all connections to the vault a name belongs to the longest namespace that it fits, and to none where two are as long.',
      ),
    sharedByAll: z
      .boolean()
      .optional()
      .describe('true lets every allowed namespace read what fits a pattern without {namespace}.'),
    allowTokens: z
      .array(tokenResource())
      .min(1)
      .max(32)
      .meta({ 'x-kubernetes-list-type': 'set' })
      .optional()
      .describe(
        'Resources or scopes whose access tokens the allowed namespaces may have in Secrets. Who holds such a token may do all that the identity may there. Default: none.',
      ),
  })
  .describe(
    'Lends an identity to VaultSecrets that name no ServiceAccount. Without it the connection names only the vault.',
  );

export const clusterVaultConnectionSpecSchema = z
  .strictObject({
    vaultUrl: vaultUrlOfAnyCloud(),
    cloud: cloudSchema.optional(),
    tenantId: tenantId.optional(),
    allowedNamespaces,
    lend: lend.optional(),
  })
  .refine((spec) => cloudOf(spec) !== undefined, vaultFitsCloud.problem)
  .meta(
    celRules(vaultFitsCloud.rule, {
      rule: `!has(self.lend) || (has(self.lend.sharedByAll) && self.lend.sharedByAll) || (!has(self.allowedNamespaces.selector) && has(self.allowedNamespaces.names) && size(self.allowedNamespaces.names) == 1) || self.lend.objectPatterns.all(pattern, pattern.contains('${namespacePlaceholder}'))`,
      message: `must contain ${namespacePlaceholder}, because more than one namespace is allowed; or set sharedByAll: true`,
      fieldPath: '.lend.objectPatterns',
    }),
  )
  .describe('A vault for several namespaces, and perhaps an identity lent to them.');

const statusSchema = (conditions: string) =>
  z
    .object({
      observedGeneration: z
        .int()
        .optional()
        .describe('Generation of the spec that was last acted on.'),
      conditions: conditionsSchema.optional().describe(conditions),
    })
    .describe('What the controller last saw.');

export const vaultConnectionStatusSchema = statusSchema(
  'Ready; Stalled while somebody must act; StoredCredential while a Secret holds what proves the identity. They speak of the connection, not of what the vault says to those who use it.',
);

export const clusterVaultConnectionStatusSchema = statusSchema(
  'Ready; GrantedByLabel while a selector decides who may use the connection; NamesOverlap while the name of an object can fit more than one namespace.',
);

export type LendSpec = z.infer<typeof lend>;
export type VaultConnectionSpec = z.infer<typeof vaultConnectionSpecSchema>;
export type ClusterVaultConnectionSpec = z.infer<typeof clusterVaultConnectionSpecSchema>;
/** Of either kind. */
export type ConnectionStatus = z.infer<typeof vaultConnectionStatusSchema>;
