import { z } from 'zod';
import { celList, celRules } from './cel.ts';
import { allowedReservedKeys, forbiddenSecretTypes, reservedKeyPattern } from './forbidden.ts';
import { matching } from './matching.ts';
import { objectName } from './objectName.ts';

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const keyPattern = '^([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$';
const labelValue = matching({
  pattern: /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/,
  problem: 'must be letters, digits, "-", "_" and ".", with a letter or digit at both ends',
  max: 63,
});
const annotationValue = z.string().max(1024);

const metadataMap = (what: string, value: z.ZodString) =>
  z
    .record(z.string(), value)
    .meta({
      maxProperties: 32,
      ...celRules(
        {
          rule: `self.all(key, key.matches('${keyPattern}'))`,
          message: 'must have keys of letters, digits, "-", "_" and ".", with or without a prefix',
        },
        {
          rule: `self.all(key, !key.matches('${reservedKeyPattern}') || key in ${celList(allowedReservedKeys)})`,
          message: `must not use a prefix of kubernetes.io, k8s.io, helm.sh or vaultsecret.dev (allowed: ${allowedReservedKeys.join(', ')})`,
        },
      ),
    })
    .describe(
      `${what} to put on the Secret. Prefixes of Kubernetes, Helm and this controller are refused.`,
    );

const isNotMerge = "!has(self.creationPolicy) || self.creationPolicy != 'Merge'";

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
    labels: metadataMap('Labels', labelValue).optional(),
    annotations: metadataMap('Annotations', annotationValue).optional(),
    creationPolicy: z
      .enum(['Owner', 'Orphan', 'Adopt', 'Merge'])
      .optional()
      .describe(
        'Owner (default): the Secret is made, and deleted with its VaultSecret. Orphan: it stays. Adopt: as Owner, but an existing Secret that its owner has labelled vaultsecret.dev/managed=true is taken over, its other keys removed. Merge: the keys are added to such a Secret, which keeps its owner, and taken out with the VaultSecret.',
      ),
    deletionPolicy: z
      .enum(['Retain', 'Merge', 'Delete'])
      .optional()
      .describe(
        'What becomes of the data of an object that Key Vault has not had for ten minutes. Retain (default): the Secret keeps them. Merge: they leave the Secret. Delete: the same, and the Secret is deleted when none of its objects is left. They come back with the object.',
      ),
  })
  .meta(
    celRules(
      {
        rule: `${isNotMerge} || (!has(self.type) && !has(self.labels) && !has(self.annotations))`,
        message:
          "must not set type, labels or annotations with creationPolicy Merge: they are its owner's",
      },
      {
        rule: `${isNotMerge} || !has(self.deletionPolicy) || self.deletionPolicy != 'Delete'`,
        message:
          "must not have deletionPolicy Delete with creationPolicy Merge: the Secret is its owner's",
      },
    ),
  )
  .describe('The Secret that is written.');
