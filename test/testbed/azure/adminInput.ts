import { z } from 'zod';
import { registeredCertificate, type RegisteredCertificate } from './registeredCertificate.ts';
import { isKnownApiVersion } from './apiVersions.ts';
import { roles, policyPermissions } from './vaultAuthorization.ts';

/** What the admin API accepts. Unknown fields are refused: a typing error must not pass silently. */
const seconds = z.number().int();
const clientId = z.string().min(1);
const vaultName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/);
const secretName = z.string().regex(/^[0-9a-zA-Z-]{1,127}$/);
const roleName = z.string().refine((role) => roles.has(role), {
  error: `must be one of ${[...roles.keys()].join(', ')}`,
});

export const tenantSchema = z.strictObject({
  tenantId: z.string().min(1),
  displayName: z.string().optional(),
  regionScope: z.string().optional(),
  cloud: z.string().optional(),
});

export const cloudSchema = z.strictObject({
  name: z.string().min(1),
  authorityHost: z.string().min(1),
  vaultSuffix: z.string().min(1),
  vaultResource: z.string().min(1),
});

export const vaultSchema = z.strictObject({
  name: vaultName,
  cloud: z.string().optional(),
  tenantId: z.string().optional(),
  authorization: z.enum(['rbac', 'accessPolicies']).optional(),
  recoverableDays: z.number().int().min(0).max(90).optional(),
  purgeProtection: z.boolean().optional(),
  location: z.string().optional(),
  transactionsPer10s: z.number().int().min(0).optional(),
  serviceVersion: z
    .string()
    .regex(/^\d+(\.\d+)*$/)
    .optional(),
  latestApiVersion: z
    .string()
    .refine(isKnownApiVersion, { error: 'must be an api-version of Key Vault' })
    .optional(),
  subscriptionId: z.string().optional(),
  resourceGroup: z.string().optional(),
});

const clientSecrets = z.array(z.strictObject({ value: z.string(), expiresAtMs: z.number() }));
const certificates = z.array(
  z.string().transform((pem, context): RegisteredCertificate => {
    try {
      return registeredCertificate(pem);
    } catch {
      context.addIssue('must be a PEM certificate');
      return z.NEVER;
    }
  }),
);

export const applicationSchema = z.strictObject({
  clientId: clientId.optional(),
  objectId: z.string().optional(),
  tenantId: z.string().optional(),
  kind: z.enum(['application', 'userAssignedIdentity', 'systemAssignedIdentity']).optional(),
  displayName: z.string().optional(),
  resourceId: z.string().optional(),
  hostResourceId: z.string().optional(),
  clientSecrets: clientSecrets.optional(),
  certificates: certificates.optional(),
});

export const applicationChangeSchema = z.strictObject({
  identityBindings: z.array(z.string()).optional(),
  disabled: z.boolean().optional(),
  clientSecrets: clientSecrets.optional(),
  certificates: certificates.optional(),
});

export const federatedCredentialSchema = z.strictObject({
  clientId,
  issuer: z.string().min(1),
  subject: z.string().min(1),
  audience: z.string().optional(),
});

export const federatedCredentialRemovalSchema = z.strictObject({
  clientId,
  issuer: z.string().optional(),
  subject: z.string().optional(),
});

export const roleAssignmentSchema = z.strictObject({
  vault: z.string(),
  clientId,
  role: roleName,
  secret: secretName.optional(),
});

export const roleAssignmentRemovalSchema = z.strictObject({
  vault: z.string(),
  clientId,
  role: roleName.optional(),
  secret: secretName.optional(),
});

export const accessPolicySchema = z.strictObject({
  vault: z.string(),
  clientId,
  secrets: z.array(z.enum(policyPermissions.secrets)).default([]),
  certificates: z.array(z.enum(policyPermissions.certificates)).default([]),
  keys: z.array(z.enum(policyPermissions.keys)).default([]),
});

export const accessPolicyRemovalSchema = z.strictObject({ vault: z.string(), clientId });

const secretFields = {
  contentType: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  enabled: z.boolean().optional(),
  notBefore: seconds.optional(),
  expires: seconds.optional(),
};

export const secretSchema = z.strictObject({
  ...secretFields,
  value: z.string(),
  managed: z.boolean().optional(),
  /** PEM form of a managed PFX. */
  pem: z.string().optional(),
  /** Backdates `created` and `updated`. */
  created: seconds.optional(),
});

export const namedSecretSchema = secretSchema.extend({ name: secretName });
export const secretChangeSchema = z.strictObject({
  ...secretFields,
  version: z.string().optional(),
});

export const certificateIssuerSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .refine((name) => name.toUpperCase() !== 'SELF', { error: 'must not be Self' }),
  depth: z.number().int().min(1).max(5).default(2),
});

export const issuerSchema = z.strictObject({
  issuer: z.string().min(1),
  address: z.string().optional(),
  caFile: z.string().optional(),
  bearerTokenFile: z.string().optional(),
});

export type SecretInput = z.infer<typeof secretSchema>;

/** A refusal of the admin API: a sentence that names the field. */
export class AdminError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'AdminError';
    this.status = status;
  }
}

/** Lists are accepted wherever one object is: bulk creation is one request. */
export function readList<T>(schema: z.ZodType<T>, body: unknown): T[] {
  return Array.isArray(body) ? readOne(z.array(schema), body) : [readOne(schema, body)];
}

export function readOne<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const sentences = parsed.error.issues.map(({ path, message }) => {
    const field = path.length === 0 ? 'The body' : `Field ${path.join('.')}`;
    return `${field}: ${message}.`;
  });
  throw new AdminError(400, sentences.join(' '));
}
