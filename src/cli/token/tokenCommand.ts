import { z } from 'zod';
import { tokenResource, tokenResources } from '../../api/accessToken.ts';
import { explain, ReconcileError } from '../../core/errors/errors.ts';
import { reveal } from '../../core/redacted.ts';
import { resourceScope } from '../../core/source/tokenScope.ts';
import type { AssignedName, HostTokens } from '../../identity/hostIdentity.ts';
import type { Flags } from '../../options/flags.ts';
import type { HostKind } from '../../options/hostKind.ts';
import type { Options } from '../../options/options.ts';
import { OptionsError } from '../../options/optionsError.ts';
import { defineCommand, type Command } from '../command.ts';
import { outputFlag, outputInput } from '../outputFlag.ts';
import { assignedIn, identityFlags, identityInput } from '../hostIdentityFlags.ts';
import { asJson, asLines, contradiction, describeToken } from './tokenReport.ts';

export interface TokenCommandDeps {
  readonly open: (options: Options, assigned: AssignedName | undefined) => HostTokens;
  readonly hostKind: () => HostKind;
}

const flags = {
  resource: {
    type: 'string',
    value: 'RESOURCE',
    help: `What the token is for: ${tokenResources.join(', ')}, or a scope such as https://example.com/.default. Default: keyVault.`,
  },
  ...identityFlags,
  'show-token': { type: 'boolean', help: 'Prints the token itself, too.' },
  ...outputFlag,
} as const satisfies Flags;

const input = z.object({
  ...identityInput,
  resource: z
    .string()
    .refine((text) => tokenResource().safeParse(text).success, {
      error: `must be one of ${tokenResources.join(', ')}, or a scope that ends in /.default`,
    })
    .default('keyVault'),
  showToken: z.boolean().default(false),
  ...outputInput,
});

/** Who a process on this host is for Azure. The token is shown to whoever asks for it in so many words. */
export function tokenCommand({ open, hostKind }: TokenCommandDeps): Command {
  return defineCommand({
    name: 'token',
    summary: 'Says which identity this host has, by the claims of a token of it',
    heeds: ['cloud', 'azure-tenant-id', 'azure-authority-host', 'resolve', 'ca-file'],
    operands: [],
    flags,
    input,
    description: `On a virtual machine, a scale set, App Service, Functions, Arc, or in a pod with workload identity:
the variables of the host decide where it asks.`,
    async run({ resource, showToken, output, ...named }, { options }) {
      const assigned = assignedIn(named);
      const scope = resourceScope(resource, options.homeCloud);
      if (scope === undefined)
        throw new OptionsError(`--resource ${resource} is not known in this cloud; name its scope`);
      try {
        const token = await open(options, assigned)(scope);
        const known = describeToken(hostKind(), token);
        const problem = contradiction(known, assigned);
        const isShown = showToken && problem === undefined;
        const description = isShown ? { ...known, token: reveal(token.token) } : known;
        return {
          output: output === 'json' ? asJson(description) : asLines(description),
          ...(problem === undefined ? {} : { notes: `vaultsecret: ${problem}\n` }),
          exitCode: problem === undefined ? 0 : 1,
        };
      } catch (thrown) {
        if (!(thrown instanceof ReconcileError)) throw thrown;
        return { output: '', notes: `vaultsecret: ${explain(thrown)}\n`, exitCode: 1 };
      }
    },
  });
}
