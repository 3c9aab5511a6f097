import { OptionsError } from '../../options/optionsError.ts';

/** https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html */
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Assignments for a shell (`set -a; . FILE`) and for systemd (`EnvironmentFile=`), each value in single quotes, which
 * both read alike. @throws OptionsError for what no variable can hold
 */
export function envFile(data: ReadonlyMap<string, Buffer>): string {
  return [...data].map(([dataKey, bytes]) => `${assignment(dataKey, bytes)}\n`).join('');
}

function assignment(dataKey: string, bytes: Buffer): string {
  if (!variableName.test(dataKey))
    throw new OptionsError(
      `data key ${dataKey} cannot name a variable: letters, digits and "_", first no digit; choose --as files, or another dataKey`,
    );
  const text = textOf(bytes);
  if (text === undefined)
    throw new OptionsError(
      `the value of ${dataKey} is no text, so no variable can hold it; choose --as files`,
    );
  return `${dataKey}='${text.replaceAll("'", String.raw`'\''`)}'`;
}

function textOf(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  return text.includes('\0') || !Buffer.from(text, 'utf8').equals(bytes) ? undefined : text;
}
