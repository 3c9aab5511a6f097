import { z } from 'zod';
import { celList, celRules } from './cel.ts';
import { allowedReservedKeys, forbiddenSecretTypes, reservedKeyPattern } from './forbidden.ts';
import { objectName } from './objectName.ts';

const metadataMap = (what: string) =>
  z
    .record(z.string(), z.string().max(1024))
    .meta({
      maxProperties: 32,
      ...celRules({
        rule: `self.all(key, !key.matches('${reservedKeyPattern}') || key in ${celList(allowedReservedKeys)})`,
        message: `must not use a prefix of kubernetes.io, k8s.io, helm.sh or vaultsecret.dev (allowed: ${allowedReservedKeys.join(', ')})`,
      }),
    })
    .describe(
      `${what} to put on the Secret. Prefixes of Kubernetes, Helm and this controller are refused.`,
    );

export const targetSchema = z
  .strictObject({
    name: objectName()
      .optional()
      .describe("Name of the Secret. Default: the VaultSecret's own name."),
    type: z
      .string()
      .min(1)
      .max(253)
      .meta(
        celRules({
          rule: `!(self in ${celList(forbiddenSecretTypes)})`,
          message: `must not be a credential type (${forbiddenSecretTypes.join(', ')})`,
        }),
      )
      .optional()
      .describe(
        'Type of the Secret. Default: Opaque. Types that Kubernetes or Helm treat as credentials are refused.',
      ),
    labels: metadataMap('Labels').optional(),
    annotations: metadataMap('Annotations').optional(),
    creationPolicy: z
      .enum(['Owner', 'Orphan'])
      .optional()
      .describe('Owner (default): the Secret is deleted with its VaultSecret. Orphan: it stays.'),
    deletionPolicy: z
      .enum(['Retain'])
      .optional()
      .describe(
        'What happens when the object is gone in Key Vault. Retain (default): the last good Secret stays.',
      ),
  })
  .describe('The Secret that is written.');
