import { z } from 'zod';
import { azureClouds, cloudOf, type Cloud } from '../../api/cloud.ts';
import { cloudName } from '../../options/homeCloud.ts';

/** https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/resource-name-rules */
const resourceGroup = () =>
  z
    .string()
    .regex(
      /^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$/u,
      'must be the name of a resource group: at most 90 letters, digits, "_", "-", "(", ")" and ".", the last not "."',
    );

const named = (pattern: RegExp, rule: string) => z.string().regex(pattern, `must be ${rule}`);

const vaultName = /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/;

/** A vault by its name, and the cloud in which it is, where that is known. */
export interface NamedVault {
  readonly name: string;
  readonly cloud?: Cloud['name'] | undefined;
}

/** By its name, or by its URL, which names the cloud as well. */
const vault = z.string().transform((text, context): NamedVault => {
  const cloud = cloudOf({ vaultUrl: text.toLowerCase() });
  const isUrl = text.startsWith('https://');
  const name = isUrl ? (text.slice('https://'.length).split('.', 1)[0] ?? '') : text;
  if (isUrl && cloud === undefined)
    context.addIssue(`is the URL of no vault in ${Object.keys(azureClouds).join(', ')}`);
  else if (!vaultName.test(name))
    context.addIssue(
      'must be the name or URL of a Key Vault: 3 to 24 letters, digits and single "-", first a letter',
    );
  return isUrl ? { name, cloud: cloud?.name } : { name };
});

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const label = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';
const serviceAccountName = named(
  new RegExp(`^(?=.{1,253}$)${label}([.]${label})*$`),
  'the name of a ServiceAccount',
);

/** The flags of `setup` that say what is to be set up, by their keys. */
export const setUpInputSchema = z.object({
  subscription: z.guid({ error: 'must be a UUID' }).optional(),
  resourceGroup: resourceGroup().optional(),
  location: z
    .string()
    .transform((text) => text.replaceAll(' ', '').toLowerCase())
    .pipe(named(/^[a-z0-9]{1,90}$/, 'a region such as westeurope'))
    .optional(),
  identityName: named(
    /^[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}$/,
    'the name of an identity: 3 to 128 letters, digits, "-" and "_", first a letter or digit',
  ).optional(),
  existingIdentity: z.boolean().default(false),
  systemAssigned: z.boolean().default(false),
  host: z
    .enum(['vm', 'vmss', 'functionapp', 'webapp'], {
      error: 'must be vm, vmss, functionapp or webapp',
    })
    .optional(),
  hostName: named(
    /^[\p{L}\p{N}]([\p{L}\p{N}._-]{0,62}[\p{L}\p{N}_-])?$/u,
    'the name of a host: at most 64 letters, digits, "-", "_" and "."',
  ).optional(),
  hostResourceGroup: resourceGroup().optional(),
  vault: vault.optional(),
  /** The one that is meant, whatever else says so. */
  cloud: cloudName.optional(),
  vaultResourceGroup: resourceGroup().optional(),
  access: z.enum(['role', 'policy'], { error: 'must be role or policy' }).default('role'),
  secret: z
    .array(
      named(/^[0-9a-zA-Z-]{1,127}$/, 'the name of a secret in Key Vault: letters, digits and "-"'),
    )
    .default([]),
  serviceAccount: serviceAccountName.optional(),
  namespace: named(new RegExp(`^${label}$`), 'the name of a namespace').optional(),
  issuer: z
    .string()
    .regex(
      /^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[A-Za-z0-9._~/-]*)?$/,
      'must be an https URL, exactly as the cluster says it: kubectl get --raw /.well-known/openid-configuration',
    )
    .optional(),
  aks: named(
    /^[a-zA-Z0-9]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?$/,
    'the name of an AKS cluster: at most 63 letters, digits, "-" and "_"',
  ).optional(),
  aksResourceGroup: resourceGroup().optional(),
  identityBinding: z.boolean().default(false),
});

export type SetUpInput = z.infer<typeof setUpInputSchema>;
