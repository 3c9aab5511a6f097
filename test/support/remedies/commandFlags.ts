/** A command line: the words before the first flag, and the values of the flags; one may have several. */
export interface ParsedCommand {
  readonly name: string;
  /** Exactly one value. @throws Error */
  value(flag: string): string;
  values(flag: string): readonly string[];
  has(flag: string): boolean;
}

/** @throws Error for a flag that the command does not have: a misspelt one must not pass */
export function parseCommand(words: readonly string[], known: readonly string[]): ParsedCommand {
  const first = words.findIndex((word) => word.startsWith('--'));
  const end = first < 0 ? words.length : first;
  const flags = new Map<string, string[]>();
  let values: string[] = [];
  for (const word of words.slice(end)) {
    if (!word.startsWith('--')) {
      values.push(word);
      continue;
    }
    const [flag, value] = splitOnce(word.slice(2));
    if (!known.includes(flag)) throw new Error(`no flag --${flag}: ${words.join(' ')}`);
    values = value === undefined ? [] : [value];
    flags.set(flag, values);
  }
  const valuesOf = (flag: string): readonly string[] => flags.get(flag) ?? [];
  return {
    name: words.slice(0, end).join(' '),
    values: valuesOf,
    has: (flag) => flags.has(flag),
    value(flag) {
      const [value, ...others] = valuesOf(flag);
      if (value === undefined || value === '' || others.length > 0)
        throw new Error(`--${flag} takes one value: ${words.join(' ')}`);
      return value;
    },
  };
}

function splitOnce(flag: string): readonly [string, string?] {
  const at = flag.indexOf('=');
  return at < 0 ? [flag] : [flag.slice(0, at), flag.slice(at + 1)];
}
