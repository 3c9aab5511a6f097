import { parseArgs } from 'node:util';
import type { Flags } from './flags.ts';
import { OptionsError } from './optionsError.ts';

export interface CommandLine {
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  /** What stands without a flag. */
  readonly operands: readonly string[];
}

export interface CommandLineSyntax {
  readonly flags: Flags;
  readonly maxOperands: number;
  /** What prints the help. */
  readonly help: string;
}

/** @throws OptionsError */
export function readCommandLine(
  argv: readonly string[],
  { flags, maxOperands, help }: CommandLineSyntax,
): CommandLine {
  const { values, positionals: operands } = parse(argv, flags, help);
  const surplus = operands[maxOperands];
  if (surplus !== undefined)
    throw new OptionsError(`Unexpected argument '${surplus}'; see ${help}`);
  return { values, operands };
}

function parse(argv: readonly string[], flags: Flags, help: string) {
  try {
    return parseArgs({ args: [...argv], options: flags, strict: true, allowPositionals: true });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message.split('. ', 1)[0] : String(cause);
    throw new OptionsError(`${problem}; see ${help}`, { cause });
  }
}
