import { z } from 'zod';
import { celRules } from './cel.ts';
import { matching } from './matching.ts';
import { objectName } from './objectName.ts';
import { uuid } from './uuid.ts';

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/ */
const secretKey = () =>
  matching({
    pattern: /^[-._a-zA-Z0-9]+$/,
    problem: 'must be a key of a Secret: letters, digits, "-", "_" and "."',
    min: 1,
    max: 253,
  });

const secretRef = z
  .strictObject({
    name: objectName().describe(
      'Secret of this namespace, labelled vaultsecret.dev/credential=true.',
    ),
    key: secretKey().describe('Key whose value is the client secret.'),
  })
  .describe('A client secret.');

const certificateRef = z
  .strictObject({
    name: objectName().describe(
      'Secret of this namespace, labelled vaultsecret.dev/credential=true.',
    ),
    key: secretKey()
      .optional()
      .describe(
        'Key with the private key, the certificate and perhaps its chain, all PEM. Default: tls.key and tls.crt, as a Secret of type kubernetes.io/tls has them.',
      ),
  })
  .describe('A client certificate with its RSA key, not encrypted.');

const problem = 'needs exactly one of secretRef and certificateRef';

export const servicePrincipal = z
  .strictObject({
    tenantId: uuid().describe('Tenant of the application.'),
    clientId: uuid().describe('Client id, also called application id.'),
    secretRef: secretRef.optional(),
    certificateRef: certificateRef.optional(),
  })
  .refine((spec) => (spec.secretRef === undefined) !== (spec.certificateRef === undefined), {
    error: problem,
  })
  .meta(celRules({ rule: 'has(self.secretRef) != has(self.certificateRef)', message: problem }))
  .describe(
    'An application that proves itself by a credential which somebody stores and renews: for clusters without workload identity federation.',
  );

export type ServicePrincipalSpec = z.infer<typeof servicePrincipal>;
