import { z } from 'zod';
import { celRules } from './cel.ts';
import { matching } from './matching.ts';

/** Whom a cloud's identities ask for tokens, and which vaults those tokens are for. */
export interface Cloud {
  readonly name: CloudName | typeof customCloud;
  /** Microsoft Entra ID, for example https://login.microsoftonline.com. */
  readonly authorityHost: string;
  /** Host names under which vaults may speak of it. */
  readonly authorityNames: readonly string[];
  /** What follows the name of a vault in its host name. */
  readonly vaultSuffix: string;
  /** For example https://vault.azure.net/.default: a token of it goes to these vaults and nowhere else. */
  readonly scope: string;
  /** Of the Key Vault API; undefined: the newest that the official client knows. */
  readonly apiVersion?: ApiVersion;
}

export type CloudName = 'AzurePublic' | 'AzureChina' | 'AzureUSGovernment';

export const customCloud = 'Custom';

/**
 * Suffixes: https://learn.microsoft.com/en-us/azure/key-vault/general/about-keys-secrets-certificates#dns-suffixes-for-object-identifiers;
 * names of Microsoft Entra ID: AuthorityMetadata of @azure/msal-common. Vaults called it login.windows.net until 2023.
 */
export const azureClouds: Readonly<Record<CloudName, Cloud>> = {
  AzurePublic: azureCloud('AzurePublic', 'vault.azure.net', [
    'login.microsoftonline.com',
    'login.windows.net',
    'login.microsoft.com',
    'sts.windows.net',
  ]),
  AzureChina: azureCloud('AzureChina', 'vault.azure.cn', [
    'login.partner.microsoftonline.cn',
    'login.chinacloudapi.cn',
  ]),
  AzureUSGovernment: azureCloud('AzureUSGovernment', 'vault.usgovcloudapi.net', [
    'login.microsoftonline.us',
    'login.usgovcloudapi.net',
  ]),
};

function azureCloud(
  name: CloudName,
  vaultSuffix: string,
  authorityNames: readonly [string, ...string[]],
): Cloud {
  return {
    name,
    authorityHost: `https://${authorityNames[0]}`,
    authorityNames,
    vaultSuffix,
    scope: `https://${vaultSuffix}/.default`,
  };
}

/** Azure Stack Hub answers 400 to anything newer than 7.1: seen in a recording. */
const apiVersions = ['7.0', '7.1', '7.2', '7.3', '7.4', '7.5', '7.6'] as const;

type ApiVersion = (typeof apiVersions)[number];

const apiVersionProblem = `apiVersion needs name ${customCloud}: the clouds of Azure serve the newest`;

const cloudNames = ['AzurePublic', 'AzureChina', 'AzureUSGovernment', customCloud] as const;
const customFields = ['authorityHost', 'vaultSuffix', 'scope'] as const;
const customProblem = `needs ${customFields.join(', ')} with name ${customCloud}, and none of them with another name`;

/** A host name without a port. */
const host = '[a-z0-9-]+([.][a-z0-9-]+)+';

export const cloudSchema = z
  .strictObject({
    name: z.enum(cloudNames).describe(`${customCloud}: one that the other fields describe.`),
    authorityHost: matching({
      pattern: new RegExp(`^https://${host}$`),
      problem: 'must be https:// and a host name in lower case, without a port or a path',
      max: 200,
    })
      .optional()
      .describe('Where tokens come from, for example https://login.cloud.example.'),
    vaultSuffix: matching({
      pattern: new RegExp(`^${host}$`),
      problem: 'must be a host name in lower case, such as vault.cloud.example, without https://',
      max: 200,
    })
      .optional()
      .describe('What follows the name of a vault in its host name: vault.cloud.example.'),
    scope: matching({
      pattern: new RegExp(`^https://${host}(/[a-zA-Z0-9-]+)*/[.]default$`),
      problem: 'must be a scope such as https://vault.cloud.example/.default',
      max: 200,
    })
      .optional()
      .describe('Scope of tokens for vaults, for example https://vault.cloud.example/.default.'),
    apiVersion: z
      .enum(apiVersions)
      .optional()
      .describe('Version of the Key Vault API, for a cloud that does not serve the newest.'),
  })
  .refine(
    (cloud) =>
      customFields.filter((field) => cloud[field] !== undefined).length ===
      (cloud.name === customCloud ? customFields.length : 0),
    { error: customProblem },
  )
  .refine(({ name, apiVersion }) => name === customCloud || apiVersion === undefined, {
    error: apiVersionProblem,
    path: ['apiVersion'],
  })
  .meta(
    celRules(
      {
        rule: `self.name == '${customCloud}' || !has(self.apiVersion)`,
        message: apiVersionProblem,
        fieldPath: '.apiVersion',
      },
      {
        rule: `[${customFields.map((field) => `has(self.${field})`).join(', ')}].filter(given, given).size() == (self.name == '${customCloud}' ? ${customFields.length} : 0)`,
        message: customProblem,
      },
    ),
  )
  .describe('The cloud of the vault. Default: the one of Azure whose vaults have its suffix.');

export interface VaultInCloud {
  readonly vaultUrl: string;
  readonly cloud?: z.infer<typeof cloudSchema> | undefined;
}

/** The cloud that is named, else the one to which the vault belongs by its name. Undefined: the vault is not of that cloud. */
export function cloudOf({ vaultUrl, cloud }: VaultInCloud): Cloud | undefined {
  const candidates = cloud === undefined ? Object.values(azureClouds) : [namedCloud(cloud)];
  const vaultHost = vaultUrl.replace(/^https:\/\//, '').replace(/\/$/, '');
  return candidates.find((candidate) => isVaultOf(candidate, vaultHost));
}

export function isVaultOf({ vaultSuffix }: Cloud, vaultHost: string): boolean {
  const [name = ''] = vaultHost.split('.', 1);
  return /^[a-z0-9-]{3,24}$/.test(name) && vaultHost === `${name}.${vaultSuffix}`;
}

function namedCloud({ name, ...custom }: z.infer<typeof cloudSchema>): Cloud {
  if (name !== customCloud) return azureClouds[name];
  const { authorityHost = '', vaultSuffix = '', scope = '', apiVersion } = custom;
  const authorityNames = [authorityHost.replace('https://', '')];
  const version = apiVersion === undefined ? {} : { apiVersion };
  return { name, authorityHost, authorityNames, vaultSuffix, scope, ...version };
}

const suffixes = Object.values(azureClouds).map(({ vaultSuffix }) => vaultSuffix);
const suffixByName = `{${Object.values(azureClouds)
  .map(({ name, vaultSuffix }) => `'${name}': '${vaultSuffix}'`)
  .join(', ')}}`;
const suffixProblem =
  'must be of the cloud that spec.cloud names, else end in one of ' + suffixes.join(', ');

/** The same twice: for the API server, and for what an older schema let pass. */
export const vaultFitsCloud = {
  rule: {
    rule: `self.vaultUrl.substring(self.vaultUrl.indexOf('.') + 1).replace('/', '') in (!has(self.cloud) ? [${suffixes.map((suffix) => `'${suffix}'`).join(', ')}] : self.cloud.name != '${customCloud}' ? [${suffixByName}[self.cloud.name]] : has(self.cloud.vaultSuffix) ? [self.cloud.vaultSuffix] : [])`,
    message: suffixProblem,
    fieldPath: '.vaultUrl',
  },
  problem: { error: suffixProblem, path: ['vaultUrl'] },
};
