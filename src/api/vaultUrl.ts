import { z } from 'zod';

/** Key Vaults of the public clouds; the API server itself refuses http, ports, user info and look-alikes. */
export function vaultUrl() {
  return z
    .string()
    .max(200)
    .regex(/^https:\/\/[a-z0-9-]{3,24}[.]vault[.](azure[.]net|azure[.]cn|usgovcloudapi[.]net)\/?$/)
    .describe('The Key Vault, for example https://shop-prod.vault.azure.net.');
}

/** For the administrator, who may describe a cloud: only the suffix is left to the rule that knows it. */
export function vaultUrlOfAnyCloud() {
  return z
    .string()
    .max(200)
    .regex(/^https:\/\/[a-z0-9-]{3,24}([.][a-z0-9-]+)+\/?$/)
    .describe('The Key Vault, for example https://shop-prod.vault.azure.net.');
}
