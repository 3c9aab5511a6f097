import { z } from 'zod';
import { accessTokenSchema, containerRegistrySchema } from './accessToken.ts';
import { celRules } from './cel.ts';
import { matching } from './matching.ts';

const keyVaultSecretReference = z
  .strictObject({
    name: matching({
      pattern: /^[0-9a-zA-Z-]+$/,
      problem:
        'must be the name alone of a secret in Key Vault: letters, digits and "-"; Key Vault allows no "_", "." or "/"',
      min: 1,
      max: 127,
    }).describe('Name of the secret in Key Vault.'),
    version: matching({
      pattern: /^[0-9a-f]{32}$/,
      problem:
        'must be the 32 hexadecimal digits of a version in Key Vault, in lower case; to follow the newest version, leave it out',
      max: 32,
    })
      .optional()
      .describe(
        'Pins one version, which is then used whatever its validity dates, unless it is disabled. Without it the newest version that is enabled, valid and not expired is used, and rotations are followed.',
      ),
  })
  .describe('A secret in Key Vault.');

const sources = ['secret', 'accessToken', 'containerRegistry'] as const;
const sourceMessage = `must have exactly one of ${sources.join(', ')}`;

export const dataEntry = z
  .strictObject({
    dataKey: matching({
      pattern: /^[.]?[-_a-zA-Z0-9][-._a-zA-Z0-9]*$/,
      problem: 'must be letters, digits, "-", "_" and ".", and neither "." nor begin with ".."',
      min: 1,
      max: 253,
    }).describe('Key in the Secret. Letters, digits, "-", "_" and "."; each key only once.'),
    secret: keyVaultSecretReference.optional(),
    accessToken: accessTokenSchema.optional(),
    containerRegistry: containerRegistrySchema.optional(),
    decode: z
      .enum(['base64', 'hex'])
      .optional()
      .describe(
        'Decodes the text in Key Vault before it is written: base64 (standard or URL alphabet) or hex.',
      ),
  })
  .refine((entry) => sources.filter((source) => entry[source] !== undefined).length === 1, {
    error: sourceMessage,
  })
  .meta(
    celRules(
      {
        rule: `[${sources.map((source) => `has(self.${source})`).join(', ')}].exists_one(given, given)`,
        message: sourceMessage,
      },
      {
        rule: '!has(self.decode) || has(self.secret)',
        message: 'must have decode only beside secret: nothing else is encoded',
      },
    ),
  )
  .describe('One key of the Secret and where its value comes from.');

export type DataEntry = z.infer<typeof dataEntry>;
