import { z } from 'zod';
import type { Flags } from '../../options/flags.ts';
import type { Options } from '../../options/options.ts';
import type { ObjectName } from '../../ports/kube.ts';
import { defineCommand, type Command } from '../command.ts';
import { outputFlag, outputInput } from '../outputFlag.ts';
import { PreflightError } from '../../kube/preflight.ts';
import { diagnose, type Diagnosis } from './diagnose.ts';
import { problemOf } from './problem.ts';
import { asJson, asTable } from './report.ts';
import type { DoctorTools } from './tools.ts';

export interface OpenedDoctor {
  readonly tools: DoctorTools;
  /** Of the kubeconfig's current context. */
  readonly namespace: string;
}

const description = `Examples:
  vaultsecret doctor shop -n shop
  vaultsecret doctor -A -o json

Walks from the VaultSecret over its ServiceAccount and the tokens to each object in Key Vault, as the
controller does, and says of each step whether it passed, failed, or was not reached. The last step
is what the controller last said of the VaultSecret. It ends with the command that fixes the first
failure; the exit code is 1 when there is one.

It acts with your own rights: get on VaultSecrets, connections and ServiceAccounts, and create on
serviceaccounts/token; without NAME also list on VaultSecrets. The network is that of this machine.
No value and no token is shown.`;

const flags = {
  namespace: {
    type: 'string',
    short: 'n',
    value: 'NAME',
    help: 'Namespace of the VaultSecrets. Default: the one of the current context.',
  },
  'all-namespaces': { type: 'boolean', short: 'A', help: 'All VaultSecrets of the cluster.' },
  'identity-bindings': {
    type: 'boolean',
    help: 'The controller works with AKS identity bindings. Default: what its Deployment says, if you may see it.',
  },
  ...outputFlag,
} as const satisfies Flags;

const input = z
  .object({
    names: z.array(z.string()),
    namespace: z.string().optional(),
    allNamespaces: z.boolean().default(false),
    identityBindings: z.boolean().default(false),
    ...outputInput,
  })
  .refine(
    ({ allNamespaces, namespace, names }) => {
      return !allNamespaces || (namespace === undefined && names.length === 0);
    },
    { path: ['allNamespaces'], error: 'goes with neither NAME nor --namespace' },
  );

export function doctorCommand(open: (options: Options) => OpenedDoctor): Command {
  return defineCommand({
    name: 'doctor',
    summary: 'Walks a VaultSecret through, step by step, and says what fixes the first failure',
    description,
    heeds: [
      'kubeconfig',
      'context',
      'cloud',
      'azure-tenant-id',
      'azure-authority-host',
      'resolve',
      'ca-file',
    ],
    operands: ['[NAME]'],
    flags,
    input,
    async run({ names: [name], namespace: given, allNamespaces, ...how }, { options, signal }) {
      const { tools: own, namespace: current } = open(options);
      const tools = how.identityBindings ? withBindings(own) : own;
      const namespace = allNamespaces ? undefined : (given ?? current);
      const diagnoses: Diagnosis[] = [];
      for (const at of await chosen(tools, { namespace, name, signal }))
        diagnoses.push(await diagnose(tools, at));
      return {
        output: how.output === 'json' ? asJson(diagnoses) : asTable(diagnoses),
        exitCode: diagnoses.every(({ passed }) => passed) ? 0 : 1,
      };
    },
  });
}

function withBindings(tools: DoctorTools): DoctorTools {
  const told = { identityBindings: true, toldBy: '--identity-bindings' };
  return {
    ...tools,
    controllerOf: async (vaultSecret) => ({ ...(await tools.controllerOf(vaultSecret)), ...told }),
  };
}

interface Choice {
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly signal: AbortSignal;
}

/** @throws PreflightError when the VaultSecrets cannot be listed */
async function chosen(
  { cluster }: DoctorTools,
  { namespace, name, signal }: Choice,
): Promise<readonly ObjectName[]> {
  if (namespace !== undefined && name !== undefined) return [{ namespace, name }];
  try {
    const found = await cluster.vaultSecrets(namespace, signal);
    return found.map((one) => ({ namespace: one.namespace, name: one.name }));
  } catch (cause) {
    const { message, remedy } = problemOf(cause, {});
    throw new PreflightError(`cannot list VaultSecrets. ${message} ${remedy}`, { cause });
  }
}
