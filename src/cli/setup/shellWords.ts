/** What no shell gives a meaning to in an argument; zsh takes a word that begins with "=" for a command. */
const plain = /^[A-Za-z0-9_./:@%+-][A-Za-z0-9_./:@%+,=-]*$/;

/** One argument exactly as it stands: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02 */
export function shellWord(text: string): string {
  return plain.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Output of a command as part of one argument. */
export interface Substitution {
  readonly prefix?: string;
  readonly command: readonly Word[];
  readonly suffix?: string;
}

export type Word = string | Substitution;

/** A flag with its values, or a word that stands alone: on one line together. */
export type Argument = readonly Word[];

function printed(word: Word): string {
  if (typeof word === 'string') return shellWord(word);
  const { prefix = '', command, suffix = '' } = word;
  const beside = (text: string): string => (text === '' ? '' : shellWord(text));
  return `${beside(prefix)}"$(${command.map(printed).join(' ')})"${beside(suffix)}`;
}

export function assignment(variable: string, value: Word): string {
  return `${variable}=${printed(value)}`;
}

const width = 100;
export const lineBreak = ' \\\n  ';

/** One command; a long one goes over several lines, broken before its arguments. */
export function shellCommand(name: readonly string[], ...rest: readonly Argument[]): string {
  const lines = [name.map(printed).join(' ')];
  for (const words of rest) {
    const text = words.map(printed).join(' ');
    const line = `${lines.at(-1)} ${text}`;
    if (line.length + lineBreak.length <= width) lines[lines.length - 1] = line;
    else lines.push(text);
  }
  return lines.join(lineBreak);
}

/** `--name=value` where the value would be taken for a flag. */
export function flag(name: string, ...values: readonly Word[]): Argument {
  const [value] = values;
  return typeof value === 'string' && value.startsWith('-')
    ? [`${name}=${value}`]
    : [name, ...values];
}
