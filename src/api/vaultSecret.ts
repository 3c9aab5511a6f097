import { z } from 'zod';
import { celList, celRules } from './cel.ts';
import { conditionsSchema } from './condition.ts';
import { dataEntry } from './dataEntry.ts';
import { durationPattern } from './duration.ts';
import { matching } from './matching.ts';
import { objectName } from './objectName.ts';
import { requiredDataKeys } from './secretTypes.ts';
import { targetSchema } from './target.ts';
import { vaultUrl } from './vaultUrl.ts';

export const defaultRefreshInterval = '1h';
export const defaultSecretType = 'Opaque';

const vaultConnectionReference = z
  .strictObject({
    kind: z
      .enum(['VaultConnection', 'ClusterVaultConnection'])
      .describe('VaultConnection of the same namespace, or ClusterVaultConnection.'),
    name: objectName().describe('Name of the connection.'),
  })
  .describe('A connection that names the vault, instead of vaultUrl.');

const accessRules = [
  {
    rule: '!has(self.vaultUrl) || !has(self.vaultConnectionRef)',
    message: 'must have either vaultUrl or vaultConnectionRef',
  },
  {
    rule: 'has(self.vaultUrl) || has(self.vaultConnectionRef) || !self.data.exists(entry, has(entry.secret))',
    message: 'must have either vaultUrl or vaultConnectionRef',
  },
  {
    rule: 'has(self.vaultConnectionRef) || has(self.serviceAccountName)',
    message:
      'must have serviceAccountName, unless vaultConnectionRef names one or lends an identity',
  },
];

const requiredKeysRule = ([type, required]: [string, readonly (readonly string[])[]]) => {
  const isThere = (keys: readonly string[]): string =>
    `self.data.exists(entry, entry.dataKey in ${celList(keys)})`;
  const keys = required.map((alternatives) => alternatives.join(' or ')).join(' and ');
  return {
    rule: `!has(self.target) || !has(self.target.type) || self.target.type != '${type}' || (${required.map(isThere).join(' && ')})`,
    message: `must have the data keys of type ${type}: ${keys}`,
    fieldPath: '.data',
  };
};

export const vaultSecretSpecSchema = z
  .strictObject({
    vaultUrl: vaultUrl().optional(),
    vaultConnectionRef: vaultConnectionReference.optional(),
    serviceAccountName: objectName()
      .optional()
      .describe(
        'ServiceAccount in the same namespace whose bound identity reads the vault; its annotation azure.workload.identity/client-id names the identity. Needed with vaultUrl; with vaultConnectionRef the connection may name one.',
      ),
    refreshInterval: matching({
      pattern: new RegExp(durationPattern),
      problem:
        'must be whole hours, minutes and seconds in this order, such as 1h, 90m or 1h30m; a day is 24h',
      min: 2,
      max: 20,
      // A text that is no duration would end in an error of the conversion.
      rules: [
        {
          rule: `!self.matches('${durationPattern}') || self == '' || duration(self) >= duration('1m')`,
          message: 'must be at least 1m',
        },
      ],
    })
      .optional()
      .describe(
        `How often Key Vault is asked for changes: hours, minutes and seconds such as 1h30m. At least 1m. Default: ${defaultRefreshInterval}.`,
      ),
    suspend: z
      .boolean()
      .optional()
      .describe('true stops every reading and writing; the Secret stays as it is.'),
    data: z
      .array(dataEntry)
      .min(1)
      .max(256)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['dataKey'] })
      .describe(
        'The keys of the Secret. With the policies Owner and Orphan the Secret holds exactly these.',
      ),
    target: targetSchema.optional(),
  })
  .meta(celRules(...accessRules, ...Object.entries(requiredDataKeys).map(requiredKeysRule)))
  .describe('What to read from Key Vault, as whom, and which Secret to write.');

// What is read of a status is not strict: before a rollback a newer controller may have written more.
const sourceStatus = z
  .object({
    dataKey: z.string().describe('Key in the Secret.'),
    name: z
      .string()
      .describe(
        'Name of the secret in Key Vault, resource or scope of the access token, or login server of the registry.',
      ),
    version: z
      .string()
      .describe('Version that the Secret holds; of a token the time at which it expires.'),
    expiresOn: z
      .string()
      .meta({ format: 'date-time' })
      .optional()
      .describe('When that version or token expires.'),
  })
  .describe('Where one key of the Secret came from.');

export const vaultSecretStatusSchema = z
  .object({
    observedGeneration: z
      .int()
      .optional()
      .describe('Generation of the spec that was last acted on.'),
    conditions: conditionsSchema
      .optional()
      .describe(
        'Ready; Reconciling, Stalled or Conflict (another VaultSecret wants the same Secret) only while they are True.',
      ),
    controller: z
      .string()
      .optional()
      .describe('Namespace and name of the Lease of the controller that wrote this.'),
    secretName: z.string().optional().describe('Name of the Secret that was written.'),
    syncedAt: z
      .string()
      .meta({ format: 'date-time' })
      .optional()
      .describe(
        'When the Secret last followed another version of an object or another spec. Values are not compared: a new version with the same value counts.',
      ),
    observedRefresh: z
      .string()
      .optional()
      .describe('Value of the annotation vaultsecret.dev/refresh that was last acted on.'),
    sources: z
      .array(sourceStatus)
      .max(256)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['dataKey'] })
      .optional()
      .describe('Per key of the Secret: object, version and expiry in Key Vault.'),
    gone: z
      .array(z.string().describe('Name in Key Vault, with the version if one is pinned.'))
      .max(256)
      .optional()
      .describe(
        'Objects that Key Vault does not have any more, and whose data have left the Secret as target.deletionPolicy says.',
      ),
  })
  .describe('What the controller last saw and did.');

export type VaultSecretSpec = z.infer<typeof vaultSecretSpecSchema>;
export type VaultSecretStatus = z.infer<typeof vaultSecretStatusSchema>;
export type VaultConnectionRef = NonNullable<VaultSecretSpec['vaultConnectionRef']>;
