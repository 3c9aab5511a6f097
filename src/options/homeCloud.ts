import { z } from 'zod';
import { azureClouds, type Cloud } from '../api/cloud.ts';

export const cloudName = z.enum(['AzurePublic', 'AzureChina', 'AzureUSGovernment'], {
  error: 'must be AzurePublic, AzureChina or AzureUSGovernment',
});

interface Home {
  readonly name?: z.infer<typeof cloudName> | undefined;
  readonly authorityHost?: string | undefined;
}

/** By name, else by its Microsoft Entra ID; one that nobody knows is another way to that of the public cloud. */
export function readHomeCloud({ name, authorityHost }: Home, context: z.RefinementCtx): Cloud {
  const known =
    authorityHost === undefined
      ? undefined
      : Object.values(azureClouds).find(({ authorityNames }) =>
          authorityNames.includes(new URL(authorityHost).host),
        );
  if (name !== undefined && known !== undefined && known.name !== name)
    context.addIssue({
      code: 'custom',
      path: ['name'],
      message: `is not the cloud of ${authorityHost}, which is ${known.name}`,
    });
  const cloud = name === undefined ? (known ?? azureClouds.AzurePublic) : azureClouds[name];
  return authorityHost === undefined
    ? cloud
    : { ...cloud, authorityHost: authorityHost.replace(/\/$/, '') };
}
