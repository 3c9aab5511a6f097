import { PreflightError } from '../kube/preflight.ts';
import { readCommandLine } from '../options/commandLine.ts';
import { connectionFlags } from '../options/flags.ts';
import { readCommandOptions } from '../options/options.ts';
import { OptionsError } from '../options/optionsError.ts';
import { KubeApiError } from '../ports/kube.ts';
import { keyOf, type Command, type CommandResult } from './command.ts';
import { problemOf } from './doctor/problem.ts';
import { helpOf } from './help.ts';

/** @throws OptionsError for what cannot be understood, and whatever the command throws */
export async function dispatch(
  commands: readonly Command[],
  [name, ...argv]: readonly string[],
  signal: AbortSignal,
): Promise<CommandResult> {
  const command = commandNamed(commands, name);
  if (argv.includes('--help') || argv.includes('-h'))
    return { output: helpOf(command), exitCode: 0 };
  const { values, operands } = readCommandLine(argv, {
    flags: { ...connectionFlags, ...command.flags },
    maxOperands: command.operands.length,
    help: `vaultsecret ${command.name} --help`,
  });
  const input: Record<string, unknown> = { names: operands };
  for (const flag of Object.keys(command.flags)) input[keyOf(flag)] = values[flag];
  const call = { options: readCommandOptions(values), signal };
  try {
    return await command.run(input, call);
  } catch (thrown) {
    throw thrown instanceof KubeApiError ? explained(thrown) : thrown;
  }
}

/** In one line, for whoever called. */
function explained(cause: KubeApiError): PreflightError {
  const { message, remedy } = problemOf(cause, {});
  return new PreflightError(`${message} ${remedy}`, { cause });
}

export function commandNamed(commands: readonly Command[], name: string | undefined): Command {
  const command = commands.find((known) => known.name === name);
  if (command !== undefined) return command;
  const problem = name === undefined ? 'no command' : `unknown command ${name}`;
  throw new OptionsError(`${problem}; see vaultsecret --help`);
}
