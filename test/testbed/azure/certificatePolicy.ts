import { z } from 'zod';
import { keyUsages } from './x509.ts';

/** Node's names of the curves that Key Vault has. */
export const curveNames = {
  'P-256': 'P-256',
  'P-384': 'P-384',
  'P-521': 'P-521',
  'P-256K': 'secp256k1',
} as const;

const rsaKey = z.object({
  exportable: z.boolean().default(true),
  kty: z.literal('RSA').default('RSA'),
  key_size: z.union([z.literal(2048), z.literal(3072), z.literal(4096)]).default(2048),
  reuse_key: z.boolean().default(false),
});

/** In which order the service answers these is not recorded. */
const ecKey = z.object({
  exportable: z.boolean().default(true),
  kty: z.literal('EC'),
  key_size: z.union([z.literal(256), z.literal(384), z.literal(521)]).optional(),
  reuse_key: z.boolean().default(false),
  crv: z.enum(['P-256', 'P-384', 'P-521', 'P-256K']).default('P-256'),
});

/** What a client may ask of a certificate; what it leaves out is filled in as the service does. */
const policySchema = z.object({
  key_props: z.union([ecKey, rsaKey]).prefault({}),
  secret_props: z
    .object({
      contentType: z
        .enum(['application/x-pkcs12', 'application/x-pem-file'])
        .default('application/x-pkcs12'),
    })
    .prefault({}),
  x509_props: z.object({
    subject: z.string(),
    sans: z.looseObject({ dns_names: z.array(z.string()).optional() }).optional(),
    // Server and client authentication.
    ekus: z.array(z.string()).default(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']),
    key_usage: z.array(z.enum(keyUsages)).default(['digitalSignature', 'keyEncipherment']),
    validity_months: z.number().int().min(1).max(120).default(12),
    basic_constraints: z.object({ ca: z.boolean() }).default({ ca: false }),
  }),
  lifetime_actions: z
    .array(z.object({ trigger: z.looseObject({}), action: z.looseObject({}) }))
    .default([{ trigger: { lifetime_percentage: 80 }, action: { action_type: 'AutoRenew' } }]),
  /** Self, or one that the vault was given. */
  issuer: z.object({ name: z.string() }),
});

export type CertificatePolicy = z.infer<typeof policySchema>;

export const createCertificateSchema = z.object({
  policy: policySchema,
  attributes: z.object({ enabled: z.boolean().optional() }).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});
