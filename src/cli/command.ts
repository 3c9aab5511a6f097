import { type z } from 'zod';
import type { ConnectionFlag, Flags } from '../options/flags.ts';
import type { Options } from '../options/options.ts';
import { OptionsError } from '../options/optionsError.ts';

/** How a command ended. It writes nothing itself. */
export interface CommandResult {
  /** For standard output; ends in a line break. */
  readonly output: string;
  /** For standard error. */
  readonly notes?: string;
  /** 0: as it should be. 1: what the command looked for is not so. */
  readonly exitCode: 0 | 1;
}

export interface CommandCall {
  /** From the flags and variables that all commands share. */
  readonly options: Options;
  readonly signal: AbortSignal;
}

/** A word of the command line. It acts with the rights of whoever calls it, never through the controller. */
export interface CommandDefinition<Input> {
  readonly name: string;
  /** One sentence without its full stop. */
  readonly summary: string;
  /** What stands without a flag, as the usage shows it: `[NAME]`; each is one of `names`. */
  readonly operands: readonly string[];
  /** Of its own, besides those of `connectionFlags`. */
  readonly flags: Flags;
  /** Which of those it heeds; the others it takes and passes over. */
  readonly heeds: readonly ConnectionFlag[];
  /** Keys: the flags in camel case, and `names`. A message follows the flag's name: `must be table or json`. */
  readonly input: z.ZodType<Input>;
  /** More lines for its help. */
  readonly description?: string;
  run(input: Input, call: CommandCall): Promise<CommandResult>;
}

/** A command whose input is yet to be read. */
export interface Command extends Omit<CommandDefinition<never>, 'input' | 'run'> {
  /** @throws OptionsError, and the errors of configuration */
  run(input: Readonly<Record<string, unknown>>, call: CommandCall): Promise<CommandResult>;
}

export function defineCommand<Input>(definition: CommandDefinition<Input>): Command {
  return {
    ...definition,
    async run(input, call) {
      const parsed = definition.input.safeParse(input);
      if (parsed.success) return definition.run(parsed.data, call);
      const [issue] = parsed.error.issues;
      const name = flagNamed(String(issue?.path[0] ?? 'names'), definition);
      throw new OptionsError(
        `${name} ${issue?.message ?? 'is not valid'}; see vaultsecret ${definition.name} --help`,
      );
    },
  };
}

/** Key of a flag in a command's input. */
export function keyOf(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function flagNamed(key: string, { flags, operands }: Pick<Command, 'flags' | 'operands'>): string {
  const flag = Object.keys(flags).find((name) => keyOf(name) === key);
  return flag === undefined ? operands.join(' ') : `--${flag}`;
}
