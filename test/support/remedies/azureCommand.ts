import type { AzureAdmin } from '../../testbed/azureAdmin.ts';
import type { ParsedCommand } from './commandFlags.ts';

/** One command of `az`, as an administrator of everything would run it, on the stand-in. */
export interface AzureCommand {
  /** Besides those that all take. */
  readonly flags: readonly string[];
  run(azure: AzureAdmin, command: ParsedCommand): Promise<string>;
}
