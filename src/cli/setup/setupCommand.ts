import { z } from 'zod';
import type { Cloud } from '../../api/cloud.ts';
import type { Options } from '../../options/options.ts';
import { OptionsError } from '../../options/optionsError.ts';
import { defineCommand, type Command, type CommandCall } from '../command.ts';
import { readVaultSecretFile, type ReadText } from '../manifestFile.ts';
import { toolsOf } from './cloudTools.ts';
import { formats, renderSetUp } from './formats.ts';
import { describedInCluster, type SetUpCluster } from './fromCluster.ts';
import { describedBy, type Described } from './fromVaultSecret.ts';
import { resolveSetUp } from './resolveSetUp.ts';
import { setupFlags } from './setupFlags.ts';
import { setUpInputSchema, type SetUpInput } from './setUpInput.ts';

export interface SetUpDeps {
  readonly readText: ReadText;
  /** @throws KubeConfigError */
  readonly openCluster: (options: Options) => SetUpCluster;
}

const inputSchema = setUpInputSchema.extend({
  as: z.enum(formats, { error: 'must be az, powershell, arm, bicep or portal' }).default('az'),
  names: z.array(z.string()).default([]),
  file: z.string().optional(),
  eachSecret: z.boolean().default(false),
});

type Input = z.infer<typeof inputSchema>;

/** Changes nothing: it prints what somebody who may do it runs, deploys or clicks. */
export function createSetUpCommand(deps: SetUpDeps): Command {
  return defineCommand({
    name: 'setup',
    summary: 'Prints the set-up in Azure that lets a ServiceAccount or a host read a vault',
    heeds: ['kubeconfig', 'context', 'azure-authority-host'],
    operands: ['[VAULTSECRET]'],
    flags: setupFlags,
    input: inputSchema,
    description: `Examples:
  vaultsecret setup shop -n shop --resource-group shop
  vaultsecret setup -f vaultsecret.yaml --resource-group shop --aks aks
  vaultsecret setup --vault shop-prod -n shop --service-account shop --resource-group shop --aks aks --as bicep
  vaultsecret setup --vault shop-prod --system-assigned --host vm --host-name build --resource-group shop`,
    run: async (input, call) => {
      const given = await completed(input, deps, call);
      const setUp = resolveSetUp(given, toolsOf(cloudIn(given, call.options.homeCloud)));
      return { output: renderSetUp(setUp, input.as), exitCode: 0 };
    },
  });
}

/** What the VaultSecret says, where no flag says it. */
async function completed(
  input: Input,
  deps: SetUpDeps,
  { options }: CommandCall,
): Promise<SetUpInput> {
  const { file, eachSecret, names, ...flags } = input;
  const [name] = names;
  if (file !== undefined && name !== undefined)
    throw new OptionsError('a VaultSecret is named, or --file, and not both');
  if (name !== undefined) {
    const found = await describedInCluster(deps.openCluster(options), name, input.namespace);
    const identityBinding = flags.identityBinding || found.identityBinding;
    const isAsked = flags.aks === undefined && !identityBinding;
    const issuer = flags.issuer ?? (isAsked ? found.issuer : undefined);
    return { ...merged(flags, found, eachSecret), issuer, identityBinding };
  }
  if (file !== undefined) {
    const { vaultSecret, connection } = await readVaultSecretFile(
      deps.readText,
      file,
      input.namespace,
    );
    return merged(flags, describedBy(vaultSecret, connection), eachSecret);
  }
  if (eachSecret) throw new OptionsError('--each-secret needs a VaultSecret or --file');
  return flags;
}

/** By the URL of the vault, by the flag, or else that of the caller. @throws OptionsError */
function cloudIn({ vault, cloud }: SetUpInput, { name: own }: Cloud): Cloud['name'] {
  if (vault?.cloud === undefined) return cloud ?? own;
  if (cloud === undefined || cloud === vault.cloud) return vault.cloud;
  throw new OptionsError(
    `--cloud says ${cloud}, and by its URL Key Vault ${vault.name} is in ${vault.cloud}; leave out --cloud`,
  );
}

function merged(flags: SetUpInput, described: Described, eachSecret: boolean): SetUpInput {
  return {
    ...flags,
    vault: flags.vault ? { cloud: described.vault?.cloud, ...flags.vault } : described.vault,
    serviceAccount: flags.serviceAccount ?? described.serviceAccount,
    namespace: described.namespace,
    secret: eachSecret ? described.secret : flags.secret,
  };
}
