import { matching } from './matching.ts';

const description = 'The Key Vault, for example https://shop-prod.vault.azure.net.';
const alone =
  'the name has 3 to 24 lower-case letters, digits and "-", and nothing such as a port or a path follows the host';

/** Key Vaults of the public clouds; the API server itself refuses http, ports, user info and look-alikes. */
export function vaultUrl() {
  return matching({
    pattern:
      /^https:\/\/[a-z0-9-]{3,24}[.]vault[.](azure[.]net|azure[.]cn|usgovcloudapi[.]net)\/?$/,
    problem: `must be the URL of a Key Vault, such as https://shop-prod.vault.azure.net, .vault.azure.cn or .vault.usgovcloudapi.net: ${alone}`,
    max: 200,
  }).describe(description);
}

/** For the administrator, who may describe a cloud: only the suffix is left to the rule that knows it. */
export function vaultUrlOfAnyCloud() {
  return matching({
    pattern: /^https:\/\/[a-z0-9-]{3,24}([.][a-z0-9-]+)+\/?$/,
    problem: `must be the URL of a Key Vault, such as https://shop-prod.vault.azure.net: ${alone}`,
    max: 200,
  }).describe(description);
}
