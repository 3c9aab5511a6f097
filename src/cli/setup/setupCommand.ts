import { z } from 'zod';
import { OptionsError } from '../../options/optionsError.ts';
import { defineCommand, type Command } from '../command.ts';
import { readVaultSecretFile, type ReadText } from '../manifestFile.ts';
import { formats, renderSetUp } from './formats.ts';
import { describedBy } from './fromVaultSecret.ts';
import { resolveSetUp } from './resolveSetUp.ts';
import { setupFlags } from './setupFlags.ts';
import { setUpInputSchema, type SetUpInput } from './setUpInput.ts';

export interface SetUpDeps {
  readonly readText: ReadText;
}

const inputSchema = setUpInputSchema.extend({
  as: z.enum(formats, { error: 'must be az, powershell, arm, bicep or portal' }).default('az'),
  file: z.string().optional(),
  eachSecret: z.boolean().default(false),
});

type Input = z.infer<typeof inputSchema>;

/** Changes nothing: it prints what somebody who may do it runs, deploys or clicks. */
export function createSetUpCommand(deps: SetUpDeps): Command {
  return defineCommand({
    name: 'setup',
    summary: 'Prints the set-up in Azure that lets a ServiceAccount or a host read a vault',
    operands: [],
    flags: setupFlags,
    input: inputSchema,
    description: `Examples:
  vaultsecret setup -f vaultsecret.yaml --resource-group shop --aks aks
  vaultsecret setup --vault shop-prod -n shop --service-account shop --resource-group shop --aks aks --as bicep
  vaultsecret setup --vault shop-prod --system-assigned --host vm --host-name build --resource-group shop`,
    run: async (input) => {
      const setUp = resolveSetUp(await completed(input, deps));
      return { output: renderSetUp(setUp, input.as), exitCode: 0 };
    },
  });
}

/** What the VaultSecret says, where no flag says it. */
async function completed(input: Input, { readText }: SetUpDeps): Promise<SetUpInput> {
  const { file, eachSecret, ...flags } = input;
  if (file === undefined) {
    if (eachSecret) throw new OptionsError('--each-secret needs --file');
    return flags;
  }
  const { vaultSecret, connection } = await readVaultSecretFile(readText, file, input.namespace);
  const described = describedBy(vaultSecret, connection);
  return {
    ...flags,
    vault: flags.vault ?? described.vault,
    serviceAccount: flags.serviceAccount ?? described.serviceAccount,
    namespace: described.namespace,
    secret: eachSecret ? described.secret : flags.secret,
  };
}
