import type { AzureAdmin } from '../../testbed/azureAdmin.ts';
import type { AzureCommand } from './azureCommand.ts';
import { cloudCommands } from './cloudCommands.ts';
import { parseCommand } from './commandFlags.ts';
import { identityCommands } from './identityCommands.ts';
import { keyVaultCommands } from './keyVaultCommands.ts';
import { setUpCommands } from './setUpCommands.ts';

/** Those of the reference that remedies and guides name: https://learn.microsoft.com/en-us/cli/azure/reference-index */
const commands: Readonly<Record<string, AzureCommand>> = {
  ...cloudCommands,
  ...identityCommands,
  ...keyVaultCommands,
  ...setUpCommands,
};

/** Answers what it prints. @throws Error for what the real one would refuse */
export async function runAz(azure: AzureAdmin, words: readonly string[]): Promise<string> {
  const name = words.slice(0, firstFlag(words)).join(' ');
  const command = commands[name];
  if (command === undefined) throw new Error(`az has no command ${name}`);
  return command.run(azure, parseCommand(words, [...command.flags, 'query', 'output']));
}

function firstFlag(words: readonly string[]): number {
  const first = words.findIndex((word) => word.startsWith('--'));
  return first < 0 ? words.length : first;
}
