/** A cloud as the stand-in plays it: tenants and vaults of one are unknown in the others. */
export interface StandInCloud {
  readonly name: string;
  /** Host names of Microsoft Entra ID, first the one that documents and challenges name. */
  readonly authorityHosts: readonly [string, ...string[]];
  readonly vaultSuffix: string;
  /** Audience of tokens for its vaults. */
  readonly vaultResource: string;
}

export interface StandInClouds {
  add(cloud: StandInCloud): void;
  all(): readonly StandInCloud[];
  named(name: string): StandInCloud | undefined;
  ofAuthority(host: string): StandInCloud | undefined;
  hasVault(host: string): boolean;
}

/** Hosts: AuthorityMetadata of @azure/msal-common; suffixes: the page of Key Vault on object identifiers. */
export const publicCloud: StandInCloud = {
  name: 'AzurePublic',
  authorityHosts: [
    'login.microsoftonline.com',
    'login.windows.net',
    'login.microsoft.com',
    'sts.windows.net',
    'login-us.microsoftonline.com',
    'login.microsoftonline.de',
  ],
  vaultSuffix: 'vault.azure.net',
  vaultResource: 'https://vault.azure.net',
};

const sovereignClouds: readonly StandInCloud[] = [
  {
    name: 'AzureChina',
    authorityHosts: ['login.partner.microsoftonline.cn', 'login.chinacloudapi.cn'],
    vaultSuffix: 'vault.azure.cn',
    vaultResource: 'https://vault.azure.cn',
  },
  {
    name: 'AzureUSGovernment',
    authorityHosts: ['login.microsoftonline.us', 'login.usgovcloudapi.net'],
    vaultSuffix: 'vault.usgovcloudapi.net',
    vaultResource: 'https://vault.usgovcloudapi.net',
  },
];

export function createStandInClouds(): StandInClouds {
  const clouds = new Map([publicCloud, ...sovereignClouds].map((cloud) => [cloud.name, cloud]));
  return {
    add: (cloud) => void clouds.set(cloud.name, cloud),
    all: () => [...clouds.values()],
    named: (name) => clouds.get(name),
    ofAuthority: (host) =>
      [...clouds.values()].find(({ authorityHosts }) => authorityHosts.includes(host)),
    hasVault: (host) =>
      [...clouds.values()].some(({ vaultSuffix }) => host.endsWith(`.${vaultSuffix}`)),
  };
}
