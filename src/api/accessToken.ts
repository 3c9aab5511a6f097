import { z } from 'zod';
import { matching } from './matching.ts';

/** Resources that users know by name, instead of by scope. */
export const tokenResources = [
  'arm',
  'keyVault',
  'dataLake',
  'sql',
  'eventHubs',
  'serviceBus',
  'storage',
] as const;

export type TokenResource = (typeof tokenResources)[number];

/** https://learn.microsoft.com/en-us/entra/identity-platform/scopes-oidc#the-default-scope */
const scope =
  '(https|api)://[0-9a-zA-Z][-0-9a-zA-Z.]{0,127}(/[-0-9a-zA-Z._]{1,64}){0,4}/?/[.]default';

export const tokenResource = () =>
  matching({
    pattern: new RegExp(`^(${tokenResources.join('|')}|${scope})$`),
    problem: `must be one of ${tokenResources.join(', ')}, or a scope such as https://example.com/.default, which ends in /.default`,
    min: 1,
    max: 256,
  }).describe(
    `What the token is for: ${tokenResources.join(', ')}, or a scope such as https://example.com/.default.`,
  );

export const accessTokenSchema = z
  .strictObject({ resource: tokenResource() })
  .describe(
    'A short-lived access token of Microsoft Entra ID for the identity of the ServiceAccount, renewed when two thirds of its life have passed.',
  );

/** https://learn.microsoft.com/en-us/azure/container-registry/container-registry-get-started-azure-cli: 5 to 50 letters and digits, with a hash behind them where the name has a scope. */
const registryServerPattern = '^[a-z0-9]{5,50}(-[a-z0-9]{1,20})?[.]azurecr[.](io|cn|us)$';

export const containerRegistrySchema = z
  .strictObject({
    server: matching({
      pattern: new RegExp(registryServerPattern),
      problem:
        'must be the login server alone, such as example.azurecr.io, .cn or .us: the name has 5 to 50 lower-case letters and digits, and neither https:// nor a path stands around it',
      max: 80,
    }).describe('Login server of the registry, such as example.azurecr.io.'),
  })
  .describe(
    'A login to an Azure Container Registry as the identity of the ServiceAccount, in the form of .dockerconfigjson; renewed when two thirds of its life have passed.',
  );
